//! Measures in drawn pixels that the icon can be recognised: on the panels of desktops, and by
//! people with a colour vision deficiency.

use super::*;
use crate::tray::look::MANY;

/// The colours of the panels of GNOME, KDE, Xfce, Windows and macOS, dark and light.
pub(super) const DARK: [[u8; 3]; 4] = [[0; 3], [0x1c; 3], [0x2b; 3], [0x35; 3]];
pub(super) const LIGHT: [[u8; 3]; 4] = [[0xff; 3], [0xf6, 0xf5, 0xf4], [0xe0; 3], [0xc8; 3]];

/// Every glyph and colour, with a few numbers and shares of the ring each.
pub(super) fn faces() -> Vec<(String, IconFace)> {
    let face = |glyph, colour, filled, down| {
        let look = IconFace {
            glyph,
            colour,
            filled,
            down,
            mark: None,
        };
        (format!("{glyph:?} {filled} {down}"), look)
    };
    let mut faces = vec![face(Glyph::Up, Colour::Green, 1000, 0)];
    for down in [0, 1, 2, 4, 9, 12, 87, MANY] {
        for filled in [500, 970] {
            faces.push(face(Glyph::Degraded, Colour::Yellow, filled, down));
        }
    }
    for down in [0, 1, 2, 3, 8, 9, 10, 46, MANY] {
        for filled in [0, 480] {
            faces.push(face(Glyph::Down, Colour::Red, filled, down));
        }
    }
    for glyph in [
        Glyph::Unknown,
        Glyph::Waiting,
        Glyph::Paused,
        Glyph::Offline,
    ] {
        faces.push(face(glyph, Colour::Grey, 0, 0));
    }
    faces
}

/// A colour in linear light, from 0 to 1 each.
type Light = [f64; 3];

fn light(rgb: [u8; 3]) -> Light {
    rgb.map(|part| {
        let part = f64::from(part) / 255.0;
        if part <= 0.040_45 {
            part / 12.92
        } else {
            ((part + 0.055) / 1.055).powf(2.4)
        }
    })
}

/// Relative luminance (WCAG 2.2).
fn luminance([r, g, b]: Light) -> f64 {
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

/// Contrast ratio (WCAG 2.2), 1 to 21.
fn contrast(a: [u8; 3], b: [u8; 3]) -> f64 {
    let (a, b) = (luminance(light(a)), luminance(light(b)));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// The pixels of an icon on a panel, blended as the tray host does.
fn on(panel: [u8; 3], pixels: &[u8]) -> Vec<[u8; 3]> {
    let pixels = pixels.as_chunks::<4>().0.iter();
    pixels
        .map(|&[r, g, b, alpha]| {
            let mix = |top: u8, under: u8| {
                let (top, under, alpha) = (u32::from(top), u32::from(under), u32::from(alpha));
                ((top * alpha + under * (255 - alpha) + 127) / 255) as u8
            };
            [mix(r, panel[0]), mix(g, panel[1]), mix(b, panel[2])]
        })
        .collect()
}

/// The indices of pixels within the ring that have nearly this colour.
fn bright(pixels: &[[u8; 3]], size: u32, colour: [u8; 3]) -> Vec<usize> {
    let IconLayout {
        middle,
        ring,
        width,
        ..
    } = IconLayout::of(size);
    let near = |pixel: &[u8; 3]| (0..3).all(|part| pixel[part].abs_diff(colour[part]) < 24);
    let inside = |at: usize| {
        let (x, y) = (at as u32 % size, at as u32 / size);
        let from_middle = |place: u32| place as f32 + 0.5 - middle;
        from_middle(x).hypot(from_middle(y)) < ring + width / 2.0
    };
    (0..pixels.len())
        .filter(|at| near(&pixels[*at]) && inside(*at))
        .collect()
}

#[test]
fn glyph_and_ring_stand_out_on_every_panel() {
    for size in SIZES.map(u32::from) {
        for (name, look) in faces() {
            let pixels = rgba(look, size);
            for panel in DARK.into_iter().chain(LIGHT) {
                let seen = on(panel, &pixels);
                let bright = bright(&seen, size, rgb(look.colour));
                assert!(
                    bright.len() >= size as usize / 2,
                    "{name} on {panel:?} at {size}: {} bright pixels",
                    bright.len()
                );
                for at in bright {
                    stands_out(&seen, size, at, panel, &name);
                }
            }
        }
    }
}

/// Asserts that a bright pixel stands out from the panel: by its own contrast, or by a pixel on its
/// way out, across or up and down, that contrasts with both.
fn stands_out(seen: &[[u8; 3]], size: u32, at: usize, panel: [u8; 3], name: &str) {
    const ENOUGH: f64 = 3.0;
    let pixel = seen[at];
    if contrast(pixel, panel) >= ENOUGH {
        return;
    }
    let parts =
        |there: [u8; 3]| contrast(there, pixel) >= ENOUGH && contrast(there, panel) >= ENOUGH;
    let wide = size as usize;
    let (x, y) = (at % wide, at / wide);
    let way = |from: usize| {
        if from < wide / 2 {
            0..from
        } else {
            from + 1..wide
        }
    };
    let edge =
        way(x).any(|x| parts(seen[y * wide + x])) || way(y).any(|y| parts(seen[y * wide + x]));
    assert!(
        edge,
        "{name} at {size} on {panel:?}: nothing parts the pixel {x}, {y} from the panel"
    );
}

#[test]
fn what_is_filled_is_told_from_what_is_not() {
    for colour in [Colour::Red, Colour::Yellow, Colour::Green, Colour::Grey] {
        assert!(contrast(rgb(colour), TRACK) >= 3.0, "{colour:?}");
        assert!(contrast(rgb(colour), PLATE) >= 4.5, "{colour:?}");
    }
}

/// Colour vision as matrices over linear light. Machado, Oliveira, Fernandes: "A
/// Physiologically-based Model for Simulation of Color Vision Deficiency", IEEE TVCG 15 (2009),
/// severity 1.0.
const EYES: [(&str, [[f64; 3]; 3]); 5] = [
    (
        "all colours",
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
    ),
    (
        "protanopia",
        [
            [0.152_286, 1.052_583, -0.204_868],
            [0.114_503, 0.786_281, 0.099_216],
            [-0.003_882, -0.048_116, 1.051_998],
        ],
    ),
    (
        "deuteranopia",
        [
            [0.367_322, 0.860_646, -0.227_968],
            [0.280_085, 0.672_501, 0.047_413],
            [-0.011_820, 0.042_940, 0.968_881],
        ],
    ),
    (
        "tritanopia",
        [
            [1.255_528, -0.076_749, -0.178_779],
            [-0.078_411, 0.930_809, 0.147_602],
            [0.004_733, 0.691_367, 0.303_900],
        ],
    ),
    // Only luminance: a grey screen, or total colour blindness.
    ("grey", [[0.2126, 0.7152, 0.0722]; 3]),
];

fn seen_by(eye: &[[f64; 3]; 3], rgb: [u8; 3]) -> Light {
    let light = light(rgb);
    eye.map(|row| {
        let sum: f64 = (0..3).map(|part| row[part] * light[part]).sum();
        sum.clamp(0.0, 1.0)
    })
}

/// CIELAB, for the white of sRGB (D65).
fn lab(light: Light) -> [f64; 3] {
    let root = |part: f64| {
        if part > 0.008_856 {
            part.cbrt()
        } else {
            7.787 * part + 16.0 / 116.0
        }
    };
    let sum = |red: f64, green: f64, blue: f64| red * light[0] + green * light[1] + blue * light[2];
    let long = root(sum(0.4124, 0.3576, 0.1805) / 0.9505);
    let high = root(luminance(light));
    let short = root(sum(0.0193, 0.1192, 0.9505) / 1.089);
    [
        116.0 * high - 16.0,
        500.0 * (long - high),
        200.0 * (high - short),
    ]
}

/// The number of pixels in which two faces differ plainly: by at least 25 in CIELAB, where 2 is
/// just noticeable.
fn differing(a: &[[f64; 3]], b: &[[f64; 3]]) -> usize {
    let far = |(a, b): &(&[f64; 3], &[f64; 3])| {
        let square: f64 = (0..3).map(|part| (a[part] - b[part]).powi(2)).sum();
        square.sqrt() >= 25.0
    };
    a.iter().zip(b).filter(far).count()
}

#[test]
fn every_two_faces_are_told_apart_by_every_eye() {
    let faces = faces();
    for (size, panel) in [(16, DARK[2]), (16, LIGHT[1]), (22, DARK[2]), (22, LIGHT[1])] {
        for (eye, matrix) in &EYES {
            let seen = |(_, look): &(String, IconFace)| -> Vec<[f64; 3]> {
                let pixels = on(panel, &rgba(*look, size)).into_iter();
                pixels.map(|pixel| lab(seen_by(matrix, pixel))).collect()
            };
            let seen: Vec<_> = faces.iter().map(seen).collect();
            for (first, (name, look)) in faces.iter().enumerate() {
                for (second, (other_name, other)) in faces.iter().enumerate().skip(first + 1) {
                    let least = least(*look, *other, size);
                    let pixels = differing(&seen[first], &seen[second]);
                    assert!(
                        pixels >= least,
                        "{name} and {other_name} at {size} on {panel:?}, {eye}: {pixels} pixels \
                         differ, and {least} would do"
                    );
                }
            }
        }
    }
}

/// The least number of pixels that must differ. Two states must differ in as many as a small glyph
/// has, and two numbers of one state in what changes a digit. Equal numbers with other shares of
/// the ring need not differ.
fn least(one: IconFace, other: IconFace, size: u32) -> usize {
    let said = |look: IconFace| digits::text(look.down, size);
    if one.glyph != other.glyph || (one.down == 0) != (other.down == 0) {
        // 4 in 100 pixels: 10 of 16 × 16.
        (size * size / 25) as usize
    } else if said(one) == said(other) {
        0
    } else {
        2
    }
}
