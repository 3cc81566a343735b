//! Tables for people.

/// A line for each row, the columns as wide as they need to be and two spaces apart; those named in `right`
/// end together, the others begin together.
pub fn lay_out<const N: usize>(rows: &[[String; N]], right: [bool; N]) -> String {
    let widths: [usize; N] =
        std::array::from_fn(|column| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0));
    let line = |row: &[String; N]| {
        let cells = (0..N).map(|column| {
            let (cell, width) = (&row[column], widths[column]);
            if right[column] { format!("{cell:>width$}") } else { format!("{cell:width$}") }
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
    };
    rows.iter().map(line).collect()
}
