//! The tone sections' designs.

use serde_json::Value;
use stemwright::dsp::design::{self, Biquad};

fn vectors() -> Value {
    serde_json::from_str(include_str!("vectors/filters.json")).expect("the vectors are JSON")
}

fn designed(case: &Value) -> (Biquad, f64) {
    let number = |name: &str| case[name].as_f64().expect("a number");
    let (rate, hz, gain, q) = (number("fs"), number("f0"), number("gain_db"), number("q"));
    let section = match case["kind"].as_str().expect("a kind") {
        "hpf" => design::high_pass(hz, q, rate),
        "lpf" => design::low_pass(hz, q, rate),
        "bell" => design::bell(hz, gain, q, rate),
        "highshelf" => design::high_shelf(hz, gain, rate),
        "lowshelf" => design::low_shelf(hz, gain, rate),
        "tilt" => design::tilt(gain, rate),
        other => panic!("no section of ours is called {other}"),
    };
    (section, rate)
}

#[test]
fn designs_have_the_reference_s_coefficients() {
    let vectors = vectors();
    let tolerance = vectors["tol_coef"].as_f64().expect("a tolerance");
    for case in vectors["cases"].as_array().expect("cases") {
        let (Biquad { b, a }, _) = designed(case);
        let ours = [b[0], b[1], b[2], a[0], a[1]];
        for (ours, theirs) in ours.iter().zip(case["biquad"].as_array().expect("coefficients")) {
            let theirs = theirs.as_f64().expect("a number");
            assert!((ours - theirs).abs() <= tolerance, "{case}: {ours}");
        }
    }
}

#[test]
fn responses_are_the_reference_s() {
    let vectors = vectors();
    let tolerance = vectors["tol_mag_db"].as_f64().expect("a tolerance");
    for case in vectors["cases"].as_array().expect("cases") {
        let (section, rate) = designed(case);
        let freqs = vectors["freqs"][case["freqs"].to_string()].as_array().expect("frequencies");
        for (hz, want) in freqs.iter().zip(case["mag_db"].as_array().expect("levels")) {
            let (hz, want) = (hz.as_f64().expect("a frequency"), want.as_f64().expect("a level"));
            let db = section.response_db(hz, rate);
            assert!((db - want).abs() <= tolerance, "{} at {hz} Hz: {db}, should be {want}", case["kind"]);
        }
    }
}
