//! Draws every face in every size on a dark and a light panel, for people to look at. The picture
//! is `e2e/screens/faces.png` in cargo's target folder.

use tiny_skia::PixmapPaint;

use super::*;
use crate::tray::look::{IconMark, MANY};

/// The faces on the sheet: glyph, colour, ring, number, mark.
const FACES: [(Glyph, Colour, u16, u16, Option<IconMark>); 21] = [
    (Glyph::Up, Colour::Green, 1000, 0, None),
    (Glyph::Degraded, Colour::Yellow, 875, 0, None),
    (Glyph::Degraded, Colour::Yellow, 990, 1, None),
    (Glyph::Degraded, Colour::Yellow, 667, 4, None),
    (Glyph::Degraded, Colour::Yellow, 500, 27, None),
    (Glyph::Down, Colour::Red, 0, 0, None),
    (Glyph::Down, Colour::Red, 333, 2, None),
    (Glyph::Down, Colour::Red, 250, 3, None),
    (Glyph::Down, Colour::Red, 100, 9, None),
    (Glyph::Down, Colour::Red, 480, 56, None),
    (Glyph::Down, Colour::Red, 10, MANY, None),
    (Glyph::Unknown, Colour::Grey, 0, 0, None),
    (Glyph::Waiting, Colour::Grey, 0, 0, None),
    (Glyph::Paused, Colour::Grey, 0, 0, None),
    (Glyph::Offline, Colour::Grey, 0, 0, None),
    (Glyph::Up, Colour::Green, 1000, 0, Some(IconMark::Muted)),
    (Glyph::Up, Colour::Green, 1000, 0, Some(IconMark::Config)),
    (
        Glyph::Degraded,
        Colour::Yellow,
        500,
        27,
        Some(IconMark::Muted),
    ),
    (
        Glyph::Degraded,
        Colour::Yellow,
        500,
        27,
        Some(IconMark::Config),
    ),
    (Glyph::Down, Colour::Red, 0, 0, Some(IconMark::Muted)),
    (Glyph::Down, Colour::Red, 0, 0, Some(IconMark::Config)),
];

/// The sizes in which each face is drawn, and the enlargement.
const SHOWN: [(u16, u16); 9] = [
    (16, 1),
    (22, 1),
    (24, 1),
    (32, 1),
    (48, 1),
    (64, 1),
    (16, 5),
    (22, 4),
    (24, 4),
];
const SPACE: u16 = 12;
const HIGH: u16 = 24 * 4 + SPACE;

#[test]
fn every_face_can_be_drawn_on_one_sheet() {
    let wide: u16 = SHOWN.iter().map(|(size, times)| size * times + SPACE).sum();
    let high = HIGH * FACES.len() as u16;
    let new = |width: u16, height: u16| {
        Pixmap::new(width.into(), height.into()).expect("a sheet has a size")
    };
    let mut sheet = new(wide * 2, high);
    for (half, panel) in [(0, contrast::DARK[2]), (1, contrast::LIGHT[1])] {
        let mut around = new(wide, high);
        let [r, g, b] = panel;
        around.fill(Color::from_rgba8(r, g, b, 255));
        for (row, (glyph, colour, filled, down, mark)) in (0..).zip(FACES) {
            let look = IconFace {
                glyph,
                colour,
                filled,
                down,
                mark,
            };
            let mut left = SPACE / 2;
            for (size, times) in SHOWN {
                let mut icon = new(size, size);
                draw(&mut icon, look);
                let top = HIGH * row + (HIGH - size * times) / 2;
                let at = Transform::from_row(
                    times.into(),
                    0.0,
                    0.0,
                    times.into(),
                    left.into(),
                    top.into(),
                );
                let paint = PixmapPaint::default();
                around.draw_pixmap(0, 0, icon.as_ref(), &paint, at, None);
                left += size * times + SPACE;
            }
        }
        let (paint, still) = (PixmapPaint::default(), Transform::identity());
        let left = i32::from(half * wide);
        sheet.draw_pixmap(left, 0, around.as_ref(), &paint, still, None);
    }
    let test = std::env::current_exe().expect("a running program has a file");
    let target = test.ancestors().nth(3);
    let folder = target
        .expect("cargo keeps tests three folders down")
        .join("e2e/screens");
    std::fs::create_dir_all(&folder).expect("a folder for pictures");
    sheet
        .save_png(folder.join("faces.png"))
        .expect("the sheet can be written");
}
