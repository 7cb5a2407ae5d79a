//! Spans of one path's metrics, packed. A pack has a version, the numbers of its metrics, for each one
//! which spans it has (a bit each), and then for all of them the counts. For each metric follow the
//! codes of the means, and how far the codes of the minima lie below them and those of the maxima above.
//! A checksum ends it. A metric that is always the same takes a few bytes.

use std::collections::BTreeMap;

use super::digits::{code, value};
use super::span::MetricSpan;
use crate::embedded::codec::{put_numbers, take_numbers};
use crate::packing::{byte, number, put, seal, unseal};

/// Spans by the number of their metric and of their part of the hour or day.
pub(super) type MetricPack = BTreeMap<(i64, u32), MetricSpan>;

const VERSION: u8 = 1;

/// No pack has more spans. A day of as many metrics as a path may have takes far fewer.
pub(super) const MOST: usize = 12_288;

/// Packs spans.
pub(super) fn pack(spans: &MetricPack) -> Vec<u8> {
    let spans: Vec<_> = spans.iter().collect();
    let metrics: Vec<_> = spans.chunk_by(|(a, _), (b, _)| a.0 == b.0).collect();
    let mut packed = vec![VERSION];
    put(&mut packed, metrics.len() as u64);
    let mut before = 0;
    for metric in &metrics {
        let id = metric[0].0.0;
        put(&mut packed, (id - before).unsigned_abs());
        before = id;
    }
    let mask = |metric: &&[(&(i64, u32), &MetricSpan)]| {
        let bits = metric.iter().map(|((_, slot), _)| 1_u64 << slot);
        bits.fold(0, |mask, bit| mask | bit)
    };
    put_numbers(&mut packed, &metrics.iter().map(mask).collect::<Vec<_>>());
    let counts: Vec<u64> = spans.iter().map(|(_, span)| span.count).collect();
    put_numbers(&mut packed, &counts);
    for metric in metrics {
        let codes = metric.iter().map(|(_, span)| {
            let (min, max) = (code(span.min), code(span.max));
            (min, code(span.mean).clamp(min, max), max)
        });
        let codes: Vec<_> = codes.collect();
        let means = codes.iter().map(|(_, mean, _)| mean.cast_unsigned());
        put_numbers(&mut packed, &means.collect::<Vec<_>>());
        let around = codes.iter();
        let around = around.flat_map(|(min, mean, max)| [mean.abs_diff(*min), max.abs_diff(*mean)]);
        put_numbers(&mut packed, &around.collect::<Vec<_>>());
    }
    seal(packed)
}

/// Unpacks spans, of which there are so many in an hour or day; `None` if they are damaged.
pub(super) fn unpack(sealed: &[u8], slots: u32) -> Option<MetricPack> {
    let mut packed = unseal(sealed)?;
    if byte(&mut packed)? != VERSION {
        return None;
    }
    let metrics = number(&mut packed).filter(|count| *count <= MOST as u64)? as usize;
    let mut ids = Vec::with_capacity(metrics);
    let mut id = 0_i64;
    for _ in 0..metrics {
        id = id.checked_add_unsigned(number(&mut packed)?)?;
        ids.push(id);
    }
    let mut keys = Vec::new();
    let mut next = ids.into_iter();
    take_numbers(&mut packed, metrics, |mask| {
        let id = next.next()?;
        let used = (0..slots).filter(|slot| mask >> slot & 1 == 1);
        keys.push(used.map(|slot| (id, slot)).collect::<Vec<_>>());
        (mask >> slots == 0).then_some(())
    })?;
    let mut counts = Vec::new();
    let count = keys.iter().map(Vec::len).sum();
    if count > MOST {
        return None;
    }
    take_numbers(&mut packed, count, |count| {
        counts.push(Some(count).filter(|count| *count > 0)?);
        Some(())
    })?;
    let mut spans = MetricPack::new();
    let mut counts = counts.into_iter();
    for keys in keys {
        let (mut means, mut around) = (Vec::new(), Vec::new());
        take_numbers(&mut packed, keys.len(), |mean| {
            means.push(mean.cast_signed());
            Some(())
        })?;
        take_numbers(&mut packed, 2 * keys.len(), |far| {
            around.push(far);
            Some(())
        })?;
        for ((key, mean), far) in keys.into_iter().zip(means).zip(around.chunks_exact(2)) {
            let span = MetricSpan {
                count: counts.next()?,
                min: value(mean.checked_sub_unsigned(far[0])?)?,
                mean: value(mean)?,
                max: value(mean.checked_add_unsigned(far[1])?)?,
            };
            spans.insert(key, span);
        }
    }
    packed.is_empty().then_some(spans)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(values: &[f64]) -> MetricSpan {
        let mut span = MetricSpan::default();
        for value in values {
            span.take(*value);
        }
        span
    }

    fn check(spans: &MetricPack) -> usize {
        let packed = pack(spans);
        let again = unpack(&packed, 24).expect("what was packed");
        assert!(again.keys().eq(spans.keys()), "{spans:?}");
        for (key, span) in spans {
            let found = again[key];
            assert_eq!(found.count, span.count, "{key:?}");
            let pairs = [
                (found.min, span.min),
                (found.mean, span.mean),
                (found.max, span.max),
            ];
            for (kept, given) in pairs {
                assert!(
                    (kept - given).abs() <= given.abs() * 0.006 + 1e-9,
                    "{kept} is not {given}"
                );
            }
        }
        assert_eq!(
            unpack(&pack(&again), 24).as_ref(),
            Some(&again),
            "packed again, it is the same"
        );
        for cut in 0..packed.len() {
            assert_eq!(unpack(&packed[..cut], 24), None);
        }
        packed.len()
    }

    #[test]
    fn spans_come_out_again() {
        assert_eq!(check(&MetricPack::new()), 6);
        check(&MetricPack::from([
            ((3, 0), span(&[1.0, -2.0, 0.0])),
            ((9, 23), span(&[1e21])),
        ]));
        let mut random = fastrand::Rng::with_seed(3);
        for _ in 0..200 {
            let mut spans = MetricPack::new();
            for _ in 0..random.usize(1..60) {
                let scale = 10_f64.powi(random.i32(-9..9));
                let values: Vec<_> = (0..random.usize(1..9))
                    .map(|_| (random.f64() - 0.5) * scale)
                    .collect();
                spans.insert((random.i64(0..1 << 40), random.u32(0..24)), span(&values));
            }
            check(&spans);
        }
    }

    #[test]
    fn a_constant_metric_is_nearly_free() {
        let hour = |metrics: i64| {
            let keys = (0..metrics).flat_map(|id| (0..12).map(move |slot| (1_000 + id, slot)));
            keys.map(|key| (key, span(&[0.25; 10])))
                .collect::<MetricPack>()
        };
        assert!(check(&hour(1)) <= 22);
        assert!(check(&hour(5)) - check(&hour(4)) <= 7, "a further metric");
    }

    #[test]
    fn whatever_is_read_ends_within_bounds() {
        let mut random = fastrand::Rng::with_seed(5);
        for _ in 0..5_000 {
            let spans =
                (0..random.i64(1..9)).map(|id| ((id, random.u32(0..24)), span(&[0.5, 3.0])));
            let mut packed = pack(&spans.collect());
            packed.truncate(packed.len() - 4);
            for _ in 0..random.usize(1..4) {
                let place = random.usize(0..packed.len());
                packed[place] = random.u8(..);
            }
            // The checksum is made right, so that what stands before it is reached.
            if let Some(found) = unpack(&seal(packed), 24) {
                assert!(found.len() <= MOST);
                let is_ordered = |span: &MetricSpan| span.min <= span.mean && span.mean <= span.max;
                assert!(found.values().all(is_ordered), "{found:?}");
            }
        }
    }

    #[test]
    fn a_pack_of_more_spans_than_there_are_is_damaged() {
        let packed = pack(&MetricPack::from([((1, 12), span(&[1.0]))]));
        assert_eq!(unpack(&packed, 12), None);
        assert!(unpack(&packed, 24).is_some());
    }
}
