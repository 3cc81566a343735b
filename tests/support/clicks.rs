//! The click criterion: what a 1 kHz tone has above 3 kHz while something changes.

/// The reference's 3 kHz high-pass.
pub fn high_pass() -> Vec<f64> {
    let vectors = include_str!("../vectors/smoothing.json");
    let vectors: serde_json::Value = serde_json::from_str(vectors).expect("the vectors are JSON");
    let taps = vectors["fir_highpass"].as_array().expect("taps");
    taps.iter().map(|tap| tap.as_f64().expect("a number")).collect()
}

/// Peak of a signal behind that high-pass.
pub fn click(fir: &[f64], signal: &[f64]) -> f64 {
    let half = fir.len() / 2;
    assert!(fir.len() % 2 == 1 && (0..half).all(|i| (fir[i] - fir[fir.len() - 1 - i]).abs() < 1e-15));
    signal
        .windows(fir.len())
        .map(|window| {
            let folded = window[..half].iter().zip(window[half + 1..].iter().rev()).zip(fir);
            let folded: f64 = folded.map(|((a, b), h)| (a + b) * h).sum();
            (folded + window[half] * fir[half]).abs()
        })
        .fold(0.0, f64::max)
}
