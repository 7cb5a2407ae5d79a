//! Measures in drawn pixels that the ring is filled as far as it should be.

use super::*;

/// The colours along the ring's middle line, every twentieth of a pixel, from the top: red, green
/// and blue, interpolated between the four pixels around each point.
fn along(look: IconFace, size: u32) -> Vec<[f32; 3]> {
    let pixels = rgba(look, size);
    let IconLayout { middle, ring, .. } = IconLayout::of(size);
    let at = |x: f32, y: f32| -> [f32; 3] {
        let start = (y as usize * size as usize + x as usize) * 4;
        [0, 1, 2].map(|part| f32::from(pixels[start + part]))
    };
    let steps = (ring * std::f32::consts::TAU * 20.0) as u16;
    (0..steps)
        .map(|step| {
            let turn = f32::from(step) / f32::from(steps) * std::f32::consts::TAU;
            // The colour of a pixel is that of its middle.
            let (x, y) = (
                middle + ring * turn.sin() - 0.5,
                middle - ring * turn.cos() - 0.5,
            );
            let (left, top) = (x.floor(), y.floor());
            let (right, low) = (x - left, y - top);
            [0, 1, 2].map(|part| {
                let mix = |a: f32, b: f32, share: f32| a + (b - a) * share;
                let above = mix(at(left, top)[part], at(left + 1.0, top)[part], right);
                let below = mix(
                    at(left, top + 1.0)[part],
                    at(left + 1.0, top + 1.0)[part],
                    right,
                );
                mix(above, below, low)
            })
        })
        .collect()
}

/// How much of the ring is filled, in pixels along it, and its length. An empty and a full ring are
/// the reference, so that what is beside the ring does not count.
fn filled(look: IconFace, size: u32) -> (f32, f32) {
    let seen = |filled| along(IconFace { filled, ..look }, size);
    let (empty, full, here) = (seen(0), seen(1000), seen(look.filled));
    let share = |at: usize| {
        let way = |to: &[f32; 3]| [0, 1, 2].map(|part| to[part] - empty[at][part]);
        let (whole, some) = (way(&full[at]), way(&here[at]));
        let dot = |a: [f32; 3]| (0..3).map(|part| a[part] * whole[part]).sum::<f32>();
        (dot(some) / dot(whole)).clamp(0.0, 1.0)
    };
    let sum: f32 = (0..here.len()).map(share).sum();
    let length = IconLayout::of(size).ring * std::f32::consts::TAU;
    (sum / here.len() as f32 * length, length)
}

#[test]
fn the_ring_is_exact_within_a_pixel() {
    for size in [16, 22, 32, 64] {
        for (glyph, colour, from, to) in [
            (Glyph::Degraded, Colour::Yellow, 500, 999),
            (Glyph::Down, Colour::Red, 0, 499),
        ] {
            for share in (from..=to).step_by(29).chain([to]) {
                let look = IconFace {
                    glyph,
                    colour,
                    filled: share,
                    down: 3,
                    mark: None,
                };
                let (seen, length) = filled(look, size);
                let said = f32::from(share) / 1000.0 * length;
                assert!(
                    (seen - said).abs() <= 1.0,
                    "{share} thousandths at {size} pixels: {seen} of {length}, not {said}"
                );
            }
        }
    }
}

#[test]
fn nearly_full_is_not_full_and_nearly_empty_not_empty() {
    for size in SIZES {
        let seen = |glyph, filled_to| {
            let look = IconFace {
                glyph,
                colour: Colour::Yellow,
                filled: filled_to,
                down: 0,
                mark: None,
            };
            filled(look, size.into())
        };
        let (most, length) = seen(Glyph::Degraded, 999);
        assert!(most < length - 0.6, "at {size} pixels {most} of {length}");
        let (least, _) = seen(Glyph::Down, 1);
        assert!(least > 0.6, "at {size} pixels {least}");
    }
}
