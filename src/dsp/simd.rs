//! Eight lanes of f32, and the two ways to compute with them.
//!
//! A [`Job`] is generic over [`Simd`]; the instructions are picked at run time. Everything here is inlined into
//! the job: a call would cost more than what it does.

use super::motion::Number;
use super::sanitise::{CEILING, FLOOR};
use std::ops::{Add, Div, Mul, Sub};

/// Lanes of a vector.
pub const LANES: usize = 8;

/// A vector in memory.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(C, align(32))]
pub struct Lanes(pub [f32; LANES]);

/// A mask's lane of all ones.
pub(crate) const SET: f32 = f32::from_bits(u32::MAX);

/// The instructions that the engine computes with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Backend {
    /// What every processor of the target has. On x86-64 that is SSE2; on AArch64, where it becomes NEON
    /// code, it has not been tested.
    Portable,
    /// AVX2 and fused multiply-add (x86-64).
    Avx2,
}

impl Backend {
    /// Those that this machine can run, the fastest last.
    pub fn available() -> impl Iterator<Item = Self> {
        let has_avx2 = wide::token().is_some();
        [Self::Portable].into_iter().chain(has_avx2.then_some(Self::Avx2))
    }

    /// The fastest that this machine can run.
    pub fn fastest() -> Self {
        Self::available().last().unwrap_or(Self::Portable)
    }

    /// Runs `job` with these instructions, or portably where the machine lacks them.
    #[inline]
    pub(crate) fn run<J: Job>(self, job: J) -> J::Output {
        match (self, wide::token()) {
            (Self::Avx2, Some(token)) => wide::run(token, job),
            _ => job.run(Portable),
        }
    }
}

/// Work in lanes. Implementations of `run` must be `#[inline(always)]`, as must all they call.
pub(crate) trait Job {
    /// What comes out.
    type Output;
    /// Does it.
    fn run<S: Simd>(self, simd: S) -> Self::Output;
}

/// Arithmetic on eight lanes.
pub(crate) trait Simd: Copy {
    /// Eight f32.
    type V: Copy;
    #[inline(always)]
    fn load(self, from: &Lanes) -> Self::V {
        self.read(&from.0)
    }
    #[inline(always)]
    fn store(self, to: &mut Lanes, v: Self::V) {
        self.write(&mut to.0, v);
    }
    /// As [`Self::load`] and [`Self::store`], at any address.
    fn read(self, from: &[f32; LANES]) -> Self::V;
    fn write(self, to: &mut [f32; LANES], v: Self::V);
    fn splat(self, x: f32) -> Self::V;
    fn add(self, a: Self::V, b: Self::V) -> Self::V;
    fn sub(self, a: Self::V, b: Self::V) -> Self::V;
    fn mul(self, a: Self::V, b: Self::V) -> Self::V;
    /// `a * b + c`, rounded once or twice.
    fn mul_add(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V;
    /// `c - a * b`, rounded as [`Self::mul_add`].
    fn neg_mul_add(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V;
    fn div(self, a: Self::V, b: Self::V) -> Self::V;
    fn sqrt(self, x: Self::V) -> Self::V;
    /// The larger, per lane, and the smaller.
    fn max(self, a: Self::V, b: Self::V) -> Self::V;
    fn min(self, a: Self::V, b: Self::V) -> Self::V;
    /// All ones in the lanes where `a` is above `b`, elsewhere zero.
    fn above(self, a: Self::V, b: Self::V) -> Self::V;
    /// `2^x` of whole numbers, per lane.
    fn power_of_2(self, x: Self::V) -> Self::V;
    /// The larger of `peak` and the magnitude of `x`, per lane.
    fn max_abs(self, peak: Self::V, x: Self::V) -> Self::V;
    /// [`crate::dsp::sanitise::sanitise`], per lane.
    fn sanitise(self, x: Self::V) -> Self::V;
    /// Zero where the magnitude is below `floor`.
    fn flush(self, x: Self::V, floor: Self::V) -> Self::V;
    /// The union of the bits: not zero where either is not (save for -0).
    fn or(self, a: Self::V, b: Self::V) -> Self::V;
    /// `a` where the lane of `mask` is all ones, `b` where it is all zeros.
    fn select(self, mask: Self::V, a: Self::V, b: Self::V) -> Self::V;
    /// Four frames of eight stems to eight lanes of four frames.
    fn columns(self, rows: [&[f32; 4]; LANES]) -> [Self::V; 4];
    /// The lanes' sums over four frames of the left and of the right side, by halves:
    /// lane k and k + 4, then those k and k + 2, then the two.
    fn sums(self, left: [Self::V; 4], right: [Self::V; 4]) -> [[f32; 4]; 2];
}

/// Eight lanes that are written like a number.
#[derive(Clone, Copy)]
pub(crate) struct Eight<S: Simd>(pub S, pub S::V);

impl<S: Simd> Add for Eight<S> {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(self.0, self.0.add(self.1, other.1))
    }
}

impl<S: Simd> Sub for Eight<S> {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self(self.0, self.0.sub(self.1, other.1))
    }
}

impl<S: Simd> Mul for Eight<S> {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Self(self.0, self.0.mul(self.1, other.1))
    }
}

impl<S: Simd> Div for Eight<S> {
    type Output = Self;
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        Self(self.0, self.0.div(self.1, other.1))
    }
}

impl<S: Simd> Add<f32> for Eight<S> {
    type Output = Self;
    #[inline(always)]
    fn add(self, x: f32) -> Self {
        self + self.all(x)
    }
}

impl<S: Simd> Sub<f32> for Eight<S> {
    type Output = Self;
    #[inline(always)]
    fn sub(self, x: f32) -> Self {
        self - self.all(x)
    }
}

impl<S: Simd> Mul<f32> for Eight<S> {
    type Output = Self;
    #[inline(always)]
    fn mul(self, x: f32) -> Self {
        self * self.all(x)
    }
}

impl<S: Simd> Number for Eight<S> {
    #[inline(always)]
    fn all(self, x: f32) -> Self {
        Self(self.0, self.0.splat(x))
    }
    #[inline(always)]
    fn mul_add(self, b: Self, c: Self) -> Self {
        Self(self.0, self.0.mul_add(self.1, b.1, c.1))
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        Self(self.0, self.0.sqrt(self.1))
    }
    #[inline(always)]
    fn abs(self) -> Self {
        Self(self.0, self.0.max_abs(self.0.splat(0.0), self.1))
    }
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        Self(self.0, self.0.max(self.1, other.1))
    }
    #[inline(always)]
    fn min(self, other: Self) -> Self {
        Self(self.0, self.0.min(self.1, other.1))
    }
    #[inline(always)]
    fn if_above(self, limit: f32, yes: Self, no: Self) -> Self {
        let s = self.0;
        Self(s, s.select(s.above(self.1, s.splat(limit)), yes.1, no.1))
    }
    #[inline(always)]
    fn power_of_2(self) -> Self {
        Self(self.0, self.0.power_of_2(self.1))
    }
}

/// Plain arrays, which the compiler turns into whatever vectors the target has.
#[derive(Clone, Copy)]
pub(crate) struct Portable;

/// AArch64 always has a fused multiply-add; x86-64 without AVX2 would call a function for it.
#[inline(always)]
fn mul_add(a: f32, b: f32, c: f32) -> f32 {
    if cfg!(target_arch = "aarch64") { a.mul_add(b, c) } else { a * b + c }
}

#[inline(always)]
fn each(f: impl Fn(usize) -> f32) -> [f32; LANES] {
    let mut out = [0.0; LANES];
    let mut lane = 0;
    while lane < LANES {
        out[lane] = f(lane);
        lane += 1;
    }
    out
}

impl Simd for Portable {
    type V = [f32; LANES];

    #[inline(always)]
    fn read(self, from: &[f32; LANES]) -> Self::V {
        *from
    }
    #[inline(always)]
    fn write(self, to: &mut [f32; LANES], v: Self::V) {
        *to = v;
    }
    #[inline(always)]
    fn splat(self, x: f32) -> Self::V {
        [x; LANES]
    }
    #[inline(always)]
    fn add(self, a: Self::V, b: Self::V) -> Self::V {
        each(|i| a[i] + b[i])
    }
    #[inline(always)]
    fn sub(self, a: Self::V, b: Self::V) -> Self::V {
        each(|i| a[i] - b[i])
    }
    #[inline(always)]
    fn mul(self, a: Self::V, b: Self::V) -> Self::V {
        each(|i| a[i] * b[i])
    }
    #[inline(always)]
    fn mul_add(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        each(|i| mul_add(a[i], b[i], c[i]))
    }
    #[inline(always)]
    fn neg_mul_add(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        each(|i| mul_add(-a[i], b[i], c[i]))
    }
    #[inline(always)]
    fn div(self, a: Self::V, b: Self::V) -> Self::V {
        each(|i| a[i] / b[i])
    }
    #[inline(always)]
    fn sqrt(self, x: Self::V) -> Self::V {
        each(|i| x[i].sqrt())
    }
    #[inline(always)]
    fn max(self, a: Self::V, b: Self::V) -> Self::V {
        each(|i| Number::max(a[i], b[i]))
    }
    #[inline(always)]
    fn min(self, a: Self::V, b: Self::V) -> Self::V {
        each(|i| Number::min(a[i], b[i]))
    }
    #[inline(always)]
    fn above(self, a: Self::V, b: Self::V) -> Self::V {
        each(|i| f32::from_bits(if a[i] > b[i] { u32::MAX } else { 0 }))
    }
    #[inline(always)]
    fn power_of_2(self, x: Self::V) -> Self::V {
        each(|i| x[i].power_of_2())
    }
    #[inline(always)]
    fn max_abs(self, peak: Self::V, x: Self::V) -> Self::V {
        each(|i| if x[i].abs() > peak[i] { x[i].abs() } else { peak[i] })
    }
    #[inline(always)]
    fn sanitise(self, x: Self::V) -> Self::V {
        each(|i| crate::dsp::sanitise::sanitise(x[i]))
    }
    #[inline(always)]
    fn flush(self, x: Self::V, floor: Self::V) -> Self::V {
        each(|i| if x[i].abs() >= floor[i] { x[i] } else { 0.0 })
    }
    #[inline(always)]
    fn or(self, a: Self::V, b: Self::V) -> Self::V {
        each(|i| f32::from_bits(a[i].to_bits() | b[i].to_bits()))
    }
    #[inline(always)]
    fn select(self, mask: Self::V, a: Self::V, b: Self::V) -> Self::V {
        each(|i| if mask[i].to_bits() != 0 { a[i] } else { b[i] })
    }
    #[inline(always)]
    fn columns(self, rows: [&[f32; 4]; LANES]) -> [Self::V; 4] {
        [each(|i| rows[i][0]), each(|i| rows[i][1]), each(|i| rows[i][2]), each(|i| rows[i][3])]
    }
    #[inline(always)]
    fn sums(self, left: [Self::V; 4], right: [Self::V; 4]) -> [[f32; 4]; 2] {
        let sum = |v: [f32; LANES]| ((v[0] + v[4]) + (v[2] + v[6])) + ((v[1] + v[5]) + (v[3] + v[7]));
        let sums = |[a, b, c, d]: [Self::V; 4]| [sum(a), sum(b), sum(c), sum(d)];
        [sums(left), sums(right)]
    }
}

#[cfg(target_arch = "x86_64")]
mod wide {
    //! AVX2 and FMA by way of `pulp`, whose token is the proof that the processor has them.

    use super::{CEILING, FLOOR, Job, LANES, Simd};
    use crate::dsp::motion::{EXPONENT, EXPONENT_BIT};
    use core::arch::x86_64::{__m128, __m256, __m256i, _CMP_GE_OQ, _CMP_GT_OQ};
    use pulp::x86::V3;
    use pulp::{NullaryFnOnce, cast, f32x8};

    #[inline]
    pub fn token() -> Option<V3> {
        V3::try_new()
    }

    #[inline]
    pub fn run<J: Job>(token: V3, job: J) -> J::Output {
        token.vectorize(Vectorized(token, job))
    }

    struct Vectorized<J>(V3, J);

    impl<J: Job> NullaryFnOnce for Vectorized<J> {
        type Output = J::Output;

        #[inline(always)]
        fn call(self) -> J::Output {
            self.1.run(Avx2(self.0))
        }
    }

    #[derive(Clone, Copy)]
    pub struct Avx2(V3);

    impl Avx2 {
        #[inline(always)]
        fn splat_bits(self, bits: i32) -> __m256i {
            self.0.avx._mm256_set1_epi32(bits)
        }

        #[inline(always)]
        fn magnitude(self, x: f32x8) -> __m256 {
            cast(self.0.abs_f32x8(x))
        }

        #[inline(always)]
        fn unpack(self, a: __m256, b: __m256) -> [__m256; 2] {
            [self.0.avx._mm256_unpacklo_ps(a, b), self.0.avx._mm256_unpackhi_ps(a, b)]
        }

        /// The first and the second pairs of each half.
        #[inline(always)]
        fn pairs(self, a: __m256, b: __m256) -> [__m256; 2] {
            [self.0.avx._mm256_shuffle_ps::<0x44>(a, b), self.0.avx._mm256_shuffle_ps::<0xEE>(a, b)]
        }

        /// Lane k plus lane k + 4: of the left in the lower half, of the right in the upper.
        #[inline(always)]
        fn fold(self, left: f32x8, right: f32x8) -> __m256 {
            let (l, r) = (cast(left), cast(right));
            let ends: __m256 = self.0.avx._mm256_blend_ps::<0xF0>(l, r);
            let middle: __m256 = self.0.avx._mm256_permute2f128_ps::<0x21>(l, r);
            self.0.avx._mm256_add_ps(ends, middle)
        }
    }

    // Methods, not closures: a closure is a function of its own, without the caller's instructions.
    impl Avx2 {
        #[inline(always)]
        fn join(self, low: &[f32; 4], high: &[f32; 4]) -> __m256 {
            let (low, high): (__m128, __m128) = (cast(*low), cast(*high));
            self.0.avx._mm256_insertf128_ps::<1>(self.0.avx._mm256_castps128_ps256(low), high)
        }

        #[inline(always)]
        fn fold_quarters(self, a: __m256, b: __m256) -> __m256 {
            let [low, high] = self.unpack(a, b);
            self.0.avx._mm256_add_ps(low, high)
        }
    }

    impl Simd for Avx2 {
        type V = f32x8;

        #[inline(always)]
        fn read(self, from: &[f32; LANES]) -> f32x8 {
            cast(*from)
        }
        #[inline(always)]
        fn write(self, to: &mut [f32; LANES], v: f32x8) {
            *to = cast(v);
        }
        #[inline(always)]
        fn splat(self, x: f32) -> f32x8 {
            self.0.splat_f32x8(x)
        }
        #[inline(always)]
        fn add(self, a: f32x8, b: f32x8) -> f32x8 {
            self.0.add_f32x8(a, b)
        }
        #[inline(always)]
        fn sub(self, a: f32x8, b: f32x8) -> f32x8 {
            self.0.sub_f32x8(a, b)
        }
        #[inline(always)]
        fn mul(self, a: f32x8, b: f32x8) -> f32x8 {
            self.0.mul_f32x8(a, b)
        }
        #[inline(always)]
        fn mul_add(self, a: f32x8, b: f32x8, c: f32x8) -> f32x8 {
            self.0.mul_add_f32x8(a, b, c)
        }
        #[inline(always)]
        fn neg_mul_add(self, a: f32x8, b: f32x8, c: f32x8) -> f32x8 {
            self.0.negate_mul_add_f32x8(a, b, c)
        }
        #[inline(always)]
        fn div(self, a: f32x8, b: f32x8) -> f32x8 {
            self.0.div_f32x8(a, b)
        }
        #[inline(always)]
        fn sqrt(self, x: f32x8) -> f32x8 {
            cast(self.0.avx._mm256_sqrt_ps(cast(x)))
        }
        #[inline(always)]
        fn max(self, a: f32x8, b: f32x8) -> f32x8 {
            cast(self.0.avx._mm256_max_ps(cast(a), cast(b)))
        }
        #[inline(always)]
        fn min(self, a: f32x8, b: f32x8) -> f32x8 {
            cast(self.0.avx._mm256_min_ps(cast(a), cast(b)))
        }
        #[inline(always)]
        fn above(self, a: f32x8, b: f32x8) -> f32x8 {
            cast(self.0.avx._mm256_cmp_ps::<_CMP_GT_OQ>(cast(a), cast(b)))
        }
        #[inline(always)]
        fn power_of_2(self, x: f32x8) -> f32x8 {
            let bits: __m256i = cast(self.add(x, self.splat(EXPONENT)));
            cast(self.0.avx2._mm256_slli_epi32::<{ EXPONENT_BIT as i32 }>(bits))
        }
        #[inline(always)]
        fn max_abs(self, peak: f32x8, x: f32x8) -> f32x8 {
            cast(self.0.avx._mm256_max_ps(self.magnitude(x), cast(peak)))
        }
        #[inline(always)]
        fn sanitise(self, x: f32x8) -> f32x8 {
            // Magnitudes order as integers do, NaN above all; one signed comparison tests the range when
            // it is moved to the lower end of the integers.
            const BASE: i32 = i32::MIN.wrapping_sub(FLOOR.to_bits() as i32);
            const END: i32 = BASE.wrapping_add(CEILING.to_bits() as i32 + 1);
            let magnitude: __m256i = cast(self.magnitude(x));
            let moved = self.0.avx2._mm256_add_epi32(magnitude, self.splat_bits(BASE));
            let within: __m256 = cast(self.0.avx2._mm256_cmpgt_epi32(self.splat_bits(END), moved));
            cast(self.0.avx._mm256_and_ps(cast(x), within))
        }
        #[inline(always)]
        fn flush(self, x: f32x8, floor: f32x8) -> f32x8 {
            let loud = self.0.avx._mm256_cmp_ps::<_CMP_GE_OQ>(self.magnitude(x), cast(floor));
            cast(self.0.avx._mm256_and_ps(cast(x), loud))
        }
        #[inline(always)]
        fn or(self, a: f32x8, b: f32x8) -> f32x8 {
            cast(self.0.avx._mm256_or_ps(cast(a), cast(b)))
        }
        #[inline(always)]
        fn select(self, mask: f32x8, a: f32x8, b: f32x8) -> f32x8 {
            cast(self.0.avx._mm256_blendv_ps(cast(b), cast(a), cast(mask)))
        }
        #[inline(always)]
        fn columns(self, rows: [&[f32; 4]; LANES]) -> [f32x8; 4] {
            let (a, b) = (self.join(rows[0], rows[4]), self.join(rows[1], rows[5]));
            let (c, d) = (self.join(rows[2], rows[6]), self.join(rows[3], rows[7]));
            let ([p, q], [r, s]) = (self.unpack(a, b), self.unpack(c, d));
            let ([x0, x1], [x2, x3]) = (self.pairs(p, r), self.pairs(q, s));
            [cast(x0), cast(x1), cast(x2), cast(x3)]
        }
        #[inline(always)]
        fn sums(self, l: [f32x8; 4], r: [f32x8; 4]) -> [[f32; 4]; 2] {
            let ab = self.fold_quarters(self.fold(l[0], r[0]), self.fold(l[1], r[1]));
            let cd = self.fold_quarters(self.fold(l[2], r[2]), self.fold(l[3], r[3]));
            let [low, high] = self.pairs(ab, cd);
            cast(self.0.avx._mm256_add_ps(low, high))
        }
    }
}

#[cfg(not(target_arch = "x86_64"))]
mod wide {
    //! Nothing wider than what the target always has.

    use super::Job;

    pub enum Token {}

    pub fn token() -> Option<Token> {
        None
    }

    pub fn run<J: Job>(token: Token, _: J) -> J::Output {
        match token {}
    }
}
