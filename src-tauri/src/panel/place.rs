//! Computes where the panel opens: near the click, and wholly on the screen.
//!
//! This module is pure.

use crate::action::ScreenPoint;
use crate::platform::{Anchor, Side};

/// The part of a screen that no bar covers, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WorkArea {
    /// Its left edge.
    pub left: i32,
    /// Its upper edge.
    pub top: i32,
    /// Its width.
    pub width: i32,
    /// Its height.
    pub height: i32,
}

/// The distance to the edges of the area, in logical pixels.
const MARGIN: f64 = 8.0;
/// The largest side of an icon in a tray. A tray host on Wayland may not know where on the screen it
/// is, and reports where on the icon a click was.
const ICON: i32 = 64;
/// The height of the title bar that a window manager may add to a window, in logical pixels.
const FRAME: f64 = 32.0;

/// The upper left corner of a window of this size, opened by a click at `spot`. The window is
/// centred on the click, below it in the upper half of the screen and above it in the lower, and
/// moved until it is wholly in the area. A window larger than the area begins at the area's upper
/// left corner.
pub(crate) fn place(
    spot: ScreenPoint,
    (width, height): (i32, i32),
    area: WorkArea,
    scale: f64,
) -> ScreenPoint {
    let margin = (MARGIN * scale) as i32;
    let height = height + (FRAME * scale) as i32;
    let below = spot.y < area.top + area.height / 2;
    let y = if below {
        spot.y + margin
    } else {
        spot.y - margin - height
    };
    ScreenPoint {
        x: within(
            spot.x - width / 2,
            area.left + margin,
            area.width - 2 * margin - width,
        ),
        y: within(y, area.top + margin, area.height - 2 * margin - height),
    }
}

/// The upper left corner of a window of this size that a person left at `spot`, moved until it is
/// wholly in the area.
pub(crate) fn within_area(
    spot: ScreenPoint,
    (width, height): (i32, i32),
    area: WorkArea,
) -> ScreenPoint {
    ScreenPoint {
        x: within(spot.x, area.left, area.width - width),
        y: within(spot.y, area.top, area.height - height),
    }
}

/// The edge or corner of the screen that is nearest to a click. Without a click on the screen, it is
/// the upper right corner, where most desktops have their tray.
pub(crate) fn nearest(click: Option<(ScreenPoint, WorkArea)>) -> Anchor {
    let on_screen = click.filter(|(spot, _)| spot.x >= ICON || spot.y >= ICON);
    let Some((spot, area)) = on_screen else {
        return Anchor {
            is_bottom: false,
            side: Side::Right,
        };
    };
    let third = area.width / 3;
    Anchor {
        is_bottom: spot.y >= area.top + area.height / 2,
        side: match spot.x - area.left {
            x if x < third => Side::Left,
            x if x < 2 * third => Side::Middle,
            _ => Side::Right,
        },
    }
}

fn within(wanted: i32, least: i32, room: i32) -> i32 {
    wanted.clamp(least, least + room.max(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: (i32, i32) = (420, 640);
    const SCREEN: WorkArea = WorkArea {
        left: 0,
        top: 30,
        width: 1280,
        height: 770,
    };

    fn check(spot: (i32, i32), area: WorkArea, expected: (i32, i32)) {
        let at = place(
            ScreenPoint {
                x: spot.0,
                y: spot.1,
            },
            SIZE,
            area,
            1.0,
        );
        assert_eq!((at.x, at.y), expected, "a click at {spot:?} in {area:?}");
    }

    #[test]
    fn it_opens_at_the_click_and_stays_on_the_screen() {
        check((1200, 15), SCREEN, (852, 38));
        check((600, 15), SCREEN, (390, 38));
        check((5, 15), SCREEN, (8, 38));
        check((1200, 795), SCREEN, (852, 115));
        check((600, 200), SCREEN, (390, 120));
    }

    #[test]
    fn the_nearest_corner_is_that_of_the_click() {
        let check = |click: Option<(i32, i32)>, is_bottom: bool, side: Side| {
            let spot = click.map(|(x, y)| (ScreenPoint { x, y }, SCREEN));
            let expected = Anchor { is_bottom, side };
            assert_eq!(nearest(spot), expected, "a click at {click:?}");
        };
        check(None, false, Side::Right);
        check(Some((1250, 15)), false, Side::Right);
        check(Some((640, 15)), false, Side::Middle);
        check(Some((20, 15)), false, Side::Right);
        check(Some((20, 100)), false, Side::Left);
        check(Some((100, 15)), false, Side::Left);
        check(Some((20, 790)), true, Side::Left);
        check(Some((1250, 790)), true, Side::Right);
    }

    #[test]
    fn what_was_left_somewhere_stays_there_if_that_is_on_the_screen() {
        let check = |spot: (i32, i32), expected: (i32, i32)| {
            let spot = ScreenPoint {
                x: spot.0,
                y: spot.1,
            };
            let at = within_area(spot, SIZE, SCREEN);
            assert_eq!((at.x, at.y), expected);
        };
        check((100, 100), (100, 100));
        check((0, 30), (0, 30));
        check((1200, 700), (860, 160));
        check((-50, 0), (0, 30));
    }

    #[test]
    fn another_screen_has_its_own_edges() {
        let right = WorkArea {
            left: 1280,
            top: 0,
            width: 1920,
            height: 1080,
        };
        check((1290, 1070), right, (1288, 390));
        check((3190, 5), right, (2772, 13));
    }

    #[test]
    fn a_screen_too_small_shows_its_upper_left_part() {
        check(
            (100, 10),
            WorkArea {
                left: 0,
                top: 0,
                width: 400,
                height: 300,
            },
            (8, 8),
        );
    }
}
