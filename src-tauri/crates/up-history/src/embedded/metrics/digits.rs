//! Values to a few significant digits, as whole numbers in the same order: numbers that are near each
//! other have codes that are, whatever their size. Zero is 0, and a negative value has the negative
//! code of its amount.

/// The least number of the significant digits: 100 for three.
const LEAST: i64 = 100;
const LEAST_EXPONENT: i32 = LEAST.ilog10().cast_signed();
/// The codes of a decade.
const DECADE: i64 = 9 * LEAST;
/// Amounts below 10^LOWEST are kept as 0, those from 10^(HIGHEST + 1) on as the largest below it. All
/// powers of ten that are needed in between are exact.
const LOWEST: i32 = -12;
const HIGHEST: i32 = 21;

/// The code of a value.
pub(super) fn code(value: f64) -> i64 {
    let amount = value.abs();
    let exponent = amount.log10().floor();
    if exponent.is_nan() || exponent < f64::from(LOWEST) {
        return 0;
    }
    let mut exponent = exponent.min(f64::from(HIGHEST)) as i32;
    let shift = exponent - LEAST_EXPONENT;
    let digits = if shift < 0 {
        amount * 10_f64.powi(-shift)
    } else {
        amount / 10_f64.powi(shift)
    };
    let mut digits = (digits.round() as i64).max(LEAST);
    if digits >= 10 * LEAST {
        // It was rounded up to the next decade, or is beyond the last one.
        (digits, exponent) = match exponent {
            HIGHEST => (10 * LEAST - 1, exponent),
            _ => (LEAST, exponent + 1),
        };
    }
    let code = 1 + i64::from(exponent - LOWEST) * DECADE + digits - LEAST;
    if value < 0.0 { -code } else { code }
}

/// The value of a code; `None` if no value has it.
pub(super) fn value(code: i64) -> Option<f64> {
    let Some(above) = code
        .checked_abs()?
        .checked_sub(1)
        .filter(|above| *above >= 0)
    else {
        return Some(0.0);
    };
    let exponent = LOWEST + i32::try_from(above / DECADE).ok()?;
    let shift = exponent - LEAST_EXPONENT;
    let digits = (above % DECADE + LEAST) as f64;
    let amount = match shift {
        _ if exponent > HIGHEST => return None,
        ..0 => digits / 10_f64.powi(-shift),
        _ => digits * 10_f64.powi(shift),
    };
    Some(if code < 0 { -amount } else { amount })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_kept_to_three_digits() {
        let check = |given: f64, kept: f64| {
            assert_eq!(value(code(given)), Some(kept), "{given}");
            assert_eq!(value(code(-given)), Some(-kept), "-{given}");
        };
        check(0.0, 0.0);
        check(1.0, 1.0);
        check(0.1, 0.1);
        check(0.012_345, 0.012_3);
        check(1_000.0, 1_000.0);
        check(999.6, 1_000.0);
        check(364.51, 365.0);
        check(1e-12, 1e-12);
        check(9e-13, 0.0);
        check(123_456_789.0, 123_000_000.0);
        check(9.999e21, 9.99e21);
        check(1e300, 9.99e21);
        assert_eq!(code(f64::NAN), 0);
    }

    #[test]
    fn every_code_is_that_of_its_value_and_in_order() {
        let last = code(f64::MAX);
        let mut before = -1.0;
        for one in 0..=last {
            let found = value(one).expect("a code in use");
            assert_eq!(code(found), one, "{found}");
            assert!(found > before, "{found}");
            before = found;
        }
        assert_eq!(value(last + 1), None);
        assert_eq!(value(i64::MIN), None);
        assert_eq!(value(i64::MAX), None);
    }
}
