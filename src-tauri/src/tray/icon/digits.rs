//! Draws the number of sources that are down in the middle of the icon. Small icons have digits set
//! pixel by pixel, because a single pixel can make an 8 there; larger ones have digits of lines.

use std::borrow::Cow;

use tiny_skia::{LineCap, Path, PathBuilder, Pixmap, Rect, Transform};

use super::{IconLayout, SMALLEST, fill, line, shapes};

/// The icon sizes from which a number of one digit, or of several, is drawn with lines. Below them
/// it is set pixel by pixel.
const DRAWN: (u32, u32) = (SMALLEST, 32);

/// The digits as rows of pixels, for a number of one digit.
const LARGE: [&str; 10] = [
    ".####./##..##/##..##/##..##/##..##/##..##/##..##/.####.",
    "..##../.###../####../..##../..##../..##../..##../..##..",
    ".####./##..##/....##/...##./..##../.##.../##..../######",
    ".####./##..##/....##/..###./....##/....##/##..##/.####.",
    "...##./..###./.####./##.##./##.##./######/...##./...##.",
    "######/##..../##..../#####./....##/....##/##..##/.####.",
    "..###./.##.../##..../#####./##..##/##..##/##..##/.####.",
    "######/....##/...##./...##./..##../..##../.##.../.##...",
    ".####./##..##/##..##/.####./##..##/##..##/##..##/.####.",
    ".####./##..##/##..##/##..##/.#####/....##/...##./.###..",
];

/// The digits as rows of pixels, for a number of several digits.
const SMALL: [&str; 10] = [
    ".##./#..#/#..#/#..#/#..#/#..#/.##.",
    ".#./##./.#./.#./.#./.#./###",
    ".##./#..#/...#/..#./.#../#.../####",
    "###./...#/...#/.##./...#/...#/###.",
    "..#./.##./#.#./#.#./####/..#./..#.",
    "####/#.../###./...#/...#/#..#/.##.",
    ".##./#.../#.../###./#..#/#..#/.##.",
    "####/...#/..#./..#./.#../.#../.#..",
    ".##./#..#/#..#/.##./#..#/#..#/.##.",
    ".##./#..#/#..#/.###/...#/...#/.##.",
];
const PLUS: &str = ".../.../.#./###/.#./.../...";

/// The width and height of the box that a digit of lines is drawn in. Lines run along its edges.
const BOX: (f32, f32) = (6.0, 10.0);
const PLUS_WIDTH: f32 = 5.0;

/// The text for this number of sources: the number, or `9+` or `99+` when it is too long. The
/// smallest icons have room for one digit, others for two.
pub(super) fn text(down: u16, size: u32) -> Cow<'static, str> {
    match (down, size < SMALLEST) {
        (10.., true) => "9+".into(),
        (100.., false) => "99+".into(),
        (down, _) => down.to_string().into(),
    }
}

pub(super) fn draw(pixmap: &mut Pixmap, down: u16, layout: IconLayout, ink: [u8; 3]) {
    let size = pixmap.width();
    let text = text(down, size);
    let drawn = if text.len() == 1 { DRAWN.0 } else { DRAWN.1 };
    if size < drawn {
        set(pixmap, &text, layout, ink);
    } else {
        trace(pixmap, &text, layout, ink);
    }
}

/// Sets the number pixel by pixel.
fn set(pixmap: &mut Pixmap, text: &str, layout: IconLayout, ink: [u8; 3]) {
    let font = if text.len() == 1 { &LARGE } else { &SMALL };
    let sign = |sign: char| sign.to_digit(10).map_or(PLUS, |digit| font[digit as usize]);
    let signs: Vec<&str> = text.chars().map(sign).collect();
    set_signs(pixmap, &signs, layout, ink);
}

/// Sets signs side by side, in the middle of the icon.
pub(super) fn set_signs(pixmap: &mut Pixmap, signs: &[&str], layout: IconLayout, ink: [u8; 3]) {
    let wide = |sign: &str| sign.split('/').next().unwrap_or_default().len() as f32;
    let whole = signs.iter().map(|sign| wide(sign) + 1.0).sum::<f32>() - 1.0;
    let high = signs[0].split('/').count() as f32;
    // The position is rounded to whole pixels, or the signs would blur.
    let mut left = (layout.middle - whole / 2.0).round();
    let top = (layout.middle - high / 2.0).round();
    for sign in signs {
        for (row, y) in sign.split('/').zip(0_u8..) {
            for (_, x) in row.bytes().zip(0_u8..).filter(|(mark, _)| *mark == b'#') {
                let pixel = Rect::from_xywh(left + f32::from(x), top + f32::from(y), 1.0, 1.0);
                let pixel = pixel.map(PathBuilder::from_rect);
                fill(pixmap, pixel, ink, Transform::identity());
            }
        }
        left += wide(sign) + 1.0;
    }
}

/// Draws the number with lines.
fn trace(pixmap: &mut Pixmap, text: &str, layout: IconLayout, ink: [u8; 3]) {
    const STROKE: f32 = 1.9;
    const SPACE: f32 = 1.3 + STROKE;
    let wide = |sign: char| if sign == '+' { PLUS_WIDTH } else { BOX.0 };
    let signs = text.chars().count() as f32;
    let whole = text.chars().map(wide).sum::<f32>() + (signs - 1.0) * SPACE;
    // As large as fits into the disc, with a small margin.
    let corner = (whole + STROKE).hypot(BOX.1 + STROKE) / 2.0;
    let scale = layout.inside * 0.97 / corner;
    let mut left = layout.middle - whole / 2.0 * scale;
    let top = layout.middle - BOX.1 / 2.0 * scale;
    for sign in text.chars() {
        let placed = Transform::from_row(scale, 0.0, 0.0, scale, left, top);
        for path in outline(sign) {
            line(pixmap, path, ink, STROKE, LineCap::Round, placed);
        }
        left += (wide(sign) + SPACE) * scale;
    }
}

/// The lines of a digit, or of the plus sign.
fn outline(sign: char) -> Vec<Option<Path>> {
    match sign {
        '0' => vec![oval(3.0, 5.0, 3.0, 5.0)],
        '1' => vec![shapes::through([(1.2, 1.8), (3.6, 0.0), (3.6, 10.0)])],
        '2' => vec![curve((0.2, 2.6), |path| {
            path.cubic_to(0.2, 1.0, 1.4, 0.0, 3.0, 0.0);
            path.cubic_to(4.8, 0.0, 5.9, 1.1, 5.9, 2.8);
            path.cubic_to(5.9, 5.0, 3.0, 6.6, 0.2, 10.0);
            path.line_to(6.0, 10.0);
        })],
        '3' => vec![curve((0.3, 0.0), |path| {
            path.line_to(5.5, 0.0);
            path.line_to(2.6, 4.0);
            path.cubic_to(4.8, 4.0, 6.0, 5.2, 6.0, 6.9);
            path.cubic_to(6.0, 8.8, 4.8, 10.0, 2.9, 10.0);
            path.cubic_to(1.6, 10.0, 0.6, 9.5, 0.0, 8.4);
        })],
        '4' => vec![shapes::through([
            (4.6, 10.0),
            (4.6, 0.0),
            (0.0, 7.2),
            (6.2, 7.2),
        ])],
        '5' => vec![curve((5.5, 0.0), |path| {
            path.line_to(0.9, 0.0);
            path.line_to(0.5, 4.6);
            path.cubic_to(1.2, 3.9, 2.0, 3.6, 3.0, 3.6);
            path.cubic_to(4.8, 3.6, 6.0, 4.9, 6.0, 6.7);
            path.cubic_to(6.0, 8.7, 4.7, 10.0, 2.9, 10.0);
            path.cubic_to(1.6, 10.0, 0.6, 9.5, 0.0, 8.4);
        })],
        '6' => vec![hooked(|x, y| (x, y)), oval(3.0, 6.9, 3.0, 3.1)],
        '7' => vec![shapes::through([(0.0, 0.0), (6.0, 0.0), (2.2, 10.0)])],
        '8' => vec![oval(3.0, 2.4, 2.5, 2.4), oval(3.0, 7.3, 3.0, 2.7)],
        '9' => vec![hooked(|x, y| (6.0 - x, 10.0 - y)), oval(3.0, 3.1, 3.0, 3.1)],
        _ => vec![
            shapes::through([(0.0, 5.0), (PLUS_WIDTH, 5.0)]),
            shapes::through([(2.5, 2.5), (2.5, 7.5)]),
        ],
    }
}

/// The long stroke of a 6, or rotated, of a 9.
fn hooked(turned: impl Fn(f32, f32) -> (f32, f32)) -> Option<Path> {
    let at = [
        (5.3, 1.0),
        (4.8, 0.4),
        (4.1, 0.0),
        (3.3, 0.0),
        (1.2, 0.0),
        (0.0, 2.4),
        (0.0, 6.9),
    ];
    let at = at.map(|(x, y)| turned(x, y));
    curve(at[0], |path| {
        path.cubic_to(at[1].0, at[1].1, at[2].0, at[2].1, at[3].0, at[3].1);
        path.cubic_to(at[4].0, at[4].1, at[5].0, at[5].1, at[6].0, at[6].1);
    })
}

fn curve((x, y): (f32, f32), draw: impl FnOnce(&mut PathBuilder)) -> Option<Path> {
    let mut path = PathBuilder::new();
    path.move_to(x, y);
    draw(&mut path);
    path.finish()
}

fn oval(x: f32, y: f32, width: f32, height: f32) -> Option<Path> {
    let around = Rect::from_ltrb(x - width, y - height, x + width, y + height)?;
    PathBuilder::from_oval(around)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_as_long_as_there_is_room_for() {
        let check = |down, size, expected: &str| assert_eq!(text(down, size), expected);
        check(1, 16, "1");
        check(9, 16, "9");
        check(10, 16, "9+");
        check(100, 16, "9+");
        check(10, 22, "10");
        check(99, 64, "99");
        check(100, 22, "99+");
    }

    #[test]
    fn signs_set_from_pixels_are_whole() {
        let size = |sign: &str| -> (usize, usize) {
            let rows: Vec<&str> = sign.split('/').collect();
            assert!(rows.iter().all(|row| row.len() == rows[0].len()), "{sign}");
            (rows[0].len(), rows.len())
        };
        assert!(LARGE.iter().all(|sign| size(sign) == (6, 8)));
        assert!(SMALL.iter().chain([&PLUS]).all(|sign| size(sign).1 == 7));
    }
}
