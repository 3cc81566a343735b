//! README.md says what the program does.

#[path = "../xtask/src/readme.rs"]
#[allow(dead_code, reason = "`cargo xtask readme` writes the file, this only compares")]
mod readme;

#[test]
fn the_parameter_table_in_the_readme_is_the_one_of_the_program() {
    let text = include_str!("../README.md");
    let wanted = readme::with_table(text).expect("the markers around the table");
    assert!(text == wanted, "the table is out of date: run `cargo xtask readme`");
}
