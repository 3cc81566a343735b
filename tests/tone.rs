//! The tone sections: their designs, and the section that runs them.

mod support;

use serde_json::Value;
use std::f64::consts::TAU;
use stemwright::dsp::design::{self, Biquad};
use stemwright::dsp::motion;
use stemwright::dsp::svf::{Delta, Trapezoid};
use stemwright::model::tone::SectionKind;
use support::random::Random;

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

#[test]
fn sections_have_the_reference_s_state_variable_coefficients() {
    let vectors = vectors();
    let tolerance = vectors["tol_coef"].as_f64().expect("a tolerance");
    // The reference has none for the tilt, which is of first order.
    let cases = vectors["cases"].as_array().expect("cases").iter().filter(|case| case["kind"] != "tilt");
    for case in cases {
        let svf: Vec<f64> = (case["svf"].as_array().expect("coefficients").iter())
            .map(|c| c.as_f64().expect("a number"))
            .collect();
        let [g, k, m0, m1, m2] = svf[..] else { panic!("{case}") };
        let a1 = 1.0 / (1.0 + g * (g + k));
        let (a2, a3) = (g * a1, g * g * a1);
        let theirs = [
            2.0 * a2,
            2.0 - 2.0 * a1,
            2.0 * a3,
            m1 * a1 + m2 * a2,
            m2 * (1.0 - a3) - m1 * a2,
            m0 + m1 * a2 + m2 * a3,
        ];
        let Trapezoid { r, u, w, c0, c1, gain } = designed(case).0.into();
        for (ours, theirs) in [r, u, w, c0, c1, gain].into_iter().zip(theirs) {
            assert!(
                (ours - theirs).abs() <= tolerance * theirs.abs().max(1.0),
                "{case}: {ours}, not {theirs}"
            );
        }
    }
}

#[test]
fn impulses_come_out_as_the_reference_s() {
    for case in vectors()["impulse"].as_array().expect("cases") {
        let biquad = designed(case).0;
        let (delta, trapezoid) = (Delta::from(biquad), Trapezoid::from(biquad));
        let (mut still, mut moving, mut crossing) = ([0.0; 2], [0.0; 2], [0.0; 2]);
        for (n, want) in case["h"].as_array().expect("samples").iter().enumerate() {
            let x = if n == 0 { 1.0 } else { 0.0 };
            // The third changes its form at every other frame.
            let crossed = if n % 2 == 0 {
                delta.next(&mut crossing, x)
            } else {
                let mut state = trapezoid.state_from(crossing);
                let y = trapezoid.next(&mut state, x);
                crossing = trapezoid.state_to(state);
                y
            };
            let want = want.as_f64().expect("a sample");
            for heard in [delta.next(&mut still, x), trapezoid.next(&mut moving, x), crossed] {
                assert!((heard - want).abs() < 1e-9, "{} at {n}: {heard}, should be {want}", case["kind"]);
            }
        }
    }
}

#[test]
fn a_bell_swept_at_audio_rate_sounds_as_the_reference_s() {
    let vectors = vectors();
    let modulation = &vectors["modulation"];
    let rate = 48_000.0;
    let wanted: Vec<f64> =
        modulation["y"].as_array().expect("samples").iter().map(|y| y.as_f64().expect("a sample")).collect();
    let at: Vec<usize> = (modulation["n"].as_array().expect("frames").iter())
        .map(|n| n.as_u64().expect("a frame") as usize)
        .collect();
    let mut state = [0.0; 2];
    let heard: Vec<f64> = (0..=at[at.len() - 1])
        .map(|n| {
            let t = n as f64 / rate;
            let hz = 200.0 * 40f64.powf(0.5 + 0.5 * (TAU * 200.0 * t).sin());
            let section = Trapezoid::from(design::bell(hz, 12.0, 4.0, rate));
            section.next(&mut state, (TAU * 1000.0 * t).sin())
        })
        .collect();
    for (n, want) in at.into_iter().zip(wanted) {
        assert!((heard[n] - want).abs() < 1e-9, "frame {n}: {}, should be {want}", heard[n]);
    }
}

#[test]
fn the_state_s_energy_never_grows_by_itself_whatever_the_coefficients_do() {
    let mut random = Random::new(1);
    let mut any = || {
        let hz = 2f64.powf(f64::from(random.between(4.3, 14.3)));
        let gain_db = f64::from(random.between(-15.0, 15.0));
        let q = 2f64.powf(f64::from(random.between(-1.7, 3.3)));
        (Trapezoid::from(design::bell(hz, gain_db, q, 48_000.0)), f64::from(random.between(0.0, 1.0)))
    };
    let energy = |[s0, s1]: [f64; 2]| s0 * s0 + s1 * s1;
    let mut state = [0.0; 2];
    any().0.next(&mut state, 1.0);
    let mut before = energy(state);
    assert!(before > 0.0);
    for _ in 0..100_000 {
        // Somewhere on the straight way between two sections.
        let ((a, t), (b, _)) = (any(), any());
        let mix = |a: f64, b: f64| a + t * (b - a);
        let section = Trapezoid { r: mix(a.r, b.r), u: mix(a.u, b.u), w: mix(a.w, b.w), ..a };
        section.next(&mut state, 0.0);
        let now = energy(state);
        assert!(now <= before * (1.0 + 1e-12), "{now} after {before}");
        before = now.max(1e-30);
    }
}

#[test]
fn designs_err_no_more_from_the_analog_prototype_than_the_reference_table_says() {
    // Rates 44.1, 48 and 96 kHz; the table's figures, each rounded up by half its last digit.
    let rates = [44_100.0, 48_000.0, 96_000.0];
    type Design = Box<dyn Fn(f64) -> Biquad>;
    type Analog = Box<dyn Fn(f64) -> f64>;
    let bell = |hz: f64, db: f64, q: f64| -> (Design, Analog) {
        let a2 = 10f64.powf(db / 20.0); // A^2
        let analog = move |f: f64| {
            let (x, a) = ((f / hz).powi(2), a2.sqrt());
            let band = (f / hz / q).powi(2);
            10.0 * (((1.0 - x).powi(2) + band * a * a) / ((1.0 - x).powi(2) + band / (a * a))).log10()
        };
        (Box::new(move |rate| design::bell(hz, db, q, rate)), Box::new(analog))
    };
    let high_shelf = |hz: f64, db: f64| -> (Design, Analog) {
        let g = 10f64.powf(db / 20.0);
        let analog = move |f: f64| {
            let x = (f / hz).powi(4);
            10.0 * ((1.0 + g * x) / (1.0 + x / g)).log10()
        };
        (Box::new(move |rate| design::high_shelf(hz, db, rate)), Box::new(analog))
    };
    let low_pass = |hz: f64| -> (Design, Analog) {
        let analog = move |f: f64| -10.0 * (1.0 + (f / hz).powi(4)).log10();
        (Box::new(move |rate| design::low_pass(hz, design::BUTTERWORTH_Q, rate)), Box::new(analog))
    };
    let table: [((Design, Analog), [f64; 3]); 8] = [
        (bell(8_000.0, 12.0, 1.0), [0.675, 0.435, 0.025]),
        (bell(12_000.0, 12.0, 1.0), [0.915, 0.555, 0.025]),
        (bell(12_000.0, 12.0, 0.5), [0.855, 0.555, 0.025]),
        (bell(16_000.0, 12.0, 1.0), [0.625, 0.335, 0.015]),
        (high_shelf(8_000.0, 6.0), [0.0365, 0.0285, 0.0025]),
        (high_shelf(12_000.0, 12.0), [0.245, 0.195, 0.025]),
        (low_pass(16_000.0), [0.865, 0.525, 0.015]),
        (low_pass(5_000.0), [1.75, 1.05, 0.035]),
    ];
    for (row, ((section, analog), limits_db)) in table.iter().enumerate() {
        for (rate, limit_db) in rates.into_iter().zip(limits_db) {
            let section = section(rate);
            let worst = (0..=2000)
                .map(|i| 20.0 * 1000f64.powf(f64::from(i) / 2000.0))
                .map(|hz| (section.response_db(hz, rate) - analog(hz)).abs())
                .fold(0.0, f64::max);
            assert!(worst <= *limit_db, "row {row} at {rate} Hz: {worst} dB, limit {limit_db}");
        }
    }
}

#[test]
fn sections_on_their_way_respond_as_those_that_rest() {
    let mut random = Random::new(2);
    for rate in [44_100.0, 48_000.0, 96_000.0, 192_000.0, 384_000.0] {
        let (to_angle, pivot) = (motion::to_angle(rate), motion::pivot(rate));
        let cases = [
            (SectionKind::HighPass, [20.0f32, 1_000.0], -115.0),
            (SectionKind::LowShelf, [20.0, 1_000.0], -115.0),
            (SectionKind::Bell, [20.0, 20_000.0], -90.0),
            (SectionKind::HighShelf, [1_000.0, 20_000.0], -115.0),
            (SectionKind::LowPass, [200.0, 20_000.0], -100.0),
            (SectionKind::Tilt, [650.0, 650.0], -115.0),
        ];
        for (kind, [lowest, highest], limit_db) in cases {
            for _ in 0..300 {
                let octaves = f64::from(random.between(lowest.log2(), highest.log2()));
                let gain_db = f64::from(random.between(-15.0, 15.0));
                let q_octaves = f64::from(match kind {
                    SectionKind::Bell => random.between(0.3f32.log2(), 10f32.log2()),
                    _ => random.between(-0.9, 0.4),
                });
                let whole = (octaves + to_angle).round();
                let values = motion::Values {
                    whole_octaves: whole as f32,
                    part_octaves: (octaves + to_angle - whole) as f32,
                    gain_db: gain_db as f32,
                    q_octaves: q_octaves as f32,
                };
                let [r, u, w, c0, c1, gain] = kind.design_in_motion(values, pivot).map(f64::from);
                let found = Trapezoid { r, u, w, c0, c1, gain };
                let wanted = Trapezoid::from(kind.design([octaves, gain_db, q_octaves], rate));
                let (mut error, mut peak) = (0.0f64, 1.0f64);
                for k in 0..=200 {
                    let angle = 1e-4 * (TAU / 2e-4).powf(f64::from(k) / 200.0);
                    let (f, w) = (response(&found, angle), response(&wanted, angle));
                    error = error.max((f[0] - w[0]).hypot(f[1] - w[1]));
                    peak = peak.max(w[0].hypot(w[1]));
                }
                let db = 20.0 * (error / peak).log10();
                let (hz, q) = (octaves.exp2(), q_octaves.exp2());
                assert!(db < limit_db, "{kind:?} at {hz} Hz, {gain_db} dB, Q {q}, {rate} Hz: {db} dB");
            }
        }
    }
}

/// The response of a section in the form for motion, real and imaginary, at radians per frame.
fn response(section: &Trapezoid, angle: f64) -> [f64; 2] {
    // States of the stationary response to exp(i angle n): (z - A) s = b, by Cramer's rule.
    let Trapezoid { r, u, w, c0, c1, gain } = *section;
    let z = [angle.cos(), angle.sin()];
    let mul = |a: [f64; 2], b: [f64; 2]| [a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]];
    let (a, d) = ([z[0] - 1.0 + u, z[1]], [z[0] - 1.0 + w, z[1]]);
    let product = mul(a, d);
    let norm = [product[0] + r * r, product[1]];
    let size = norm[0] * norm[0] + norm[1] * norm[1];
    let inverse = [norm[0] / size, -norm[1] / size];
    let s0 = mul([r * d[0] - r * w, r * d[1]], inverse);
    let s1 = mul([w * a[0] + r * r, w * a[1]], inverse);
    [gain + c0 * s0[0] + c1 * s1[0], c0 * s0[1] + c1 * s1[1]]
}
