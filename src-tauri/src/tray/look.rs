//! The description of the icon from which every size is drawn.
//!
//! This module is pure: a world in, a description out.

use up_core::{Census, Colour, Hold, Level, Status, World};

/// From this number of sources on the icon shows "many": it has no room for a longer number.
pub(crate) const MANY: u16 = 100;

/// The description of an icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct IconFace {
    /// The shape in the middle.
    pub glyph: Glyph,
    /// The colour of glyph and ring.
    pub colour: Colour,
    /// How much of the ring is filled, in thousandths.
    pub filled: u16,
    /// The number of sources that are down, shown in place of the glyph. 0 shows the glyph;
    /// [`MANY`] stands for that many and more.
    pub down: u16,
    /// What Up itself has to say, whatever the sources are like.
    pub mark: Option<IconMark>,
}

/// A mark in the corner of the icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum IconMark {
    /// No notifications are sent: a disc, struck through.
    Muted,
    /// The configuration has mistakes: a triangle.
    Config,
}

/// The shape that distinguishes states without colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Glyph {
    /// A tick, cut out of a disc.
    Up,
    /// A dash or a number, drawn on the plate.
    Degraded,
    /// A cross or a number, cut out of a disc.
    Down,
    /// A question mark.
    Unknown,
    /// Three dots: nothing was checked yet.
    Waiting,
    /// Two bars.
    Paused,
    /// A circle struck through: our own network is gone, or the way to the sources.
    Offline,
}

impl IconFace {
    /// The face of the icon for a world.
    #[cfg(test)]
    pub(crate) fn now(world: &World) -> Self {
        let (census, hold) = Census::and_hold(world);
        Self::of(world, census, hold)
    }

    /// The face of the icon for a world whose census and hold are known.
    pub(crate) fn of(world: &World, census: Census, hold: Option<Hold>) -> Self {
        if world.outline().is_empty() {
            return Self::blank(Glyph::Unknown);
        }
        if let Some(hold) = hold {
            return Self::blank(match hold {
                Hold::Paused | Hold::Maintenance => Glyph::Paused,
                Hold::Offline | Hold::Unreachable => Glyph::Offline,
            });
        }
        let root = world.state(world.outline().root());
        let Some(status) = root.status() else {
            return Self::blank(if root.sample.is_none() {
                Glyph::Waiting
            } else {
                Glyph::Unknown
            });
        };
        // For a single source, a cross says the same as the number 1, and more plainly.
        let down = if census.sources > 1 && !status.is_up() {
            u16::try_from(census.down).unwrap_or(MANY).min(MANY)
        } else {
            0
        };
        Self {
            filled: thousandths(status),
            down,
            ..Self::of_level(Some(status.level()))
        }
    }

    /// The face of the icon for a level, without a number.
    pub(crate) fn of_level(level: Option<Level>) -> Self {
        let Some(known) = level else {
            return Self::blank(Glyph::Unknown);
        };
        Self {
            glyph: match known {
                Level::Up => Glyph::Up,
                Level::Half | Level::MostlyUp => Glyph::Degraded,
                Level::Down | Level::MostlyDown => Glyph::Down,
            },
            colour: Colour::of(level),
            filled: u16::from(known.number()) * 250,
            down: 0,
            mark: None,
        }
    }

    const fn blank(glyph: Glyph) -> Self {
        Self {
            glyph,
            colour: Colour::Grey,
            filled: 0,
            down: 0,
            mark: None,
        }
    }
}

/// The status in thousandths. Only a status of 0 gives 0, and only a status of 1 gives 1000.
fn thousandths(status: Status) -> u16 {
    let rounded = (status.value() * 1000.0).round();
    let bounded = if status.is_up() {
        rounded
    } else {
        rounded.min(999.0)
    };
    (if status.value() > 0.0 {
        bounded.max(1.0)
    } else {
        0.0
    }) as u16
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::{ScriptedLeaf, world};

    fn check(
        leaves: &[(&str, ScriptedLeaf)],
        glyph: Glyph,
        colour: Colour,
        filled: u16,
        down: u16,
    ) {
        let expected = IconFace {
            glyph,
            colour,
            filled,
            down,
            mark: None,
        };
        assert_eq!(IconFace::now(&world(leaves)), expected, "{leaves:?}");
    }

    #[test]
    fn the_root_gives_glyph_colour_ring_and_number() {
        use ScriptedLeaf::{At, Nothing, Unknown};
        let (up, down) = (("a", At(1.0)), ("z", At(0.0)));
        check(&[], Glyph::Unknown, Colour::Grey, 0, 0);
        check(&[("a", Nothing)], Glyph::Waiting, Colour::Grey, 0, 0);
        check(&[("a", Unknown)], Glyph::Unknown, Colour::Grey, 0, 0);
        check(&[up, ("b", Unknown)], Glyph::Up, Colour::Green, 1000, 0);
        check(
            &[up, ("b", At(1.0)), down],
            Glyph::Degraded,
            Colour::Yellow,
            667,
            1,
        );
        check(
            &[up, ("b", At(0.5))],
            Glyph::Degraded,
            Colour::Yellow,
            750,
            0,
        );
        check(&[("a", At(0.3))], Glyph::Down, Colour::Red, 300, 0);
        check(&[down], Glyph::Down, Colour::Red, 0, 0);
        check(&[("a", At(0.2)), down], Glyph::Down, Colour::Red, 100, 2);
    }

    #[test]
    fn a_great_many_are_many() {
        let names: Vec<String> = (0..300).map(|n| n.to_string()).collect();
        let leaves: Vec<_> = names
            .iter()
            .map(|name| (&**name, ScriptedLeaf::At(0.0)))
            .collect();
        assert_eq!(IconFace::now(&world(&leaves)).down, MANY);
        assert_eq!(IconFace::now(&world(&leaves[..99])).down, 99);
    }

    #[test]
    fn a_ring_is_full_or_empty_only_when_that_is_true() {
        let check = |value: f64, expected: u16| {
            assert_eq!(
                Status::new(value).map(thousandths),
                Some(expected),
                "{value}"
            );
        };
        check(0.0, 0);
        check(0.000_001, 1);
        check(0.999_999, 999);
        check(1.0, 1000);
    }

    /// The glyph for three leaves with these statuses and holds.
    fn held(statuses: [f64; 3], holds: [Option<Hold>; 3]) -> Glyph {
        let leaves = [
            ("a", ScriptedLeaf::At(statuses[0])),
            ("b", ScriptedLeaf::At(statuses[1])),
            ("c", ScriptedLeaf::At(statuses[2])),
        ];
        let mut world = world(&leaves);
        for (path, hold) in ["/Root/a", "/Root/b", "/Root/c"].into_iter().zip(holds) {
            let id = world.outline().find(path).expect("it is there");
            if let Some(hold) = hold {
                world.hold(id, hold, true);
            }
        }
        world.settle(up_core::world::TreeTiming::Latest, 1_000.0);
        IconFace::now(&world).glyph
    }

    #[test]
    fn what_holds_all_of_it_is_shown() {
        const OFF: Option<Hold> = Some(Hold::Offline);
        const PAUSED: Option<Hold> = Some(Hold::Paused);
        const AWAY: Option<Hold> = Some(Hold::Unreachable);
        let check = |statuses, holds, expected| {
            assert_eq!(held(statuses, holds), expected, "{statuses:?} {holds:?}");
        };
        let (up, mixed) = ([1.0; 3], [1.0, 1.0, 0.0]);
        check(up, [OFF; 3], Glyph::Offline);
        check(up, [None, OFF, OFF], Glyph::Offline);
        check(up, [None, None, OFF], Glyph::Up);
        check(mixed, [OFF, OFF, None], Glyph::Down);
        check(mixed, [OFF, PAUSED, PAUSED], Glyph::Offline);
        check(up, [PAUSED; 3], Glyph::Paused);
        check(
            mixed,
            [PAUSED, PAUSED, Some(Hold::Maintenance)],
            Glyph::Paused,
        );
        check(mixed, [None, None, PAUSED], Glyph::Up);
        check(up, [AWAY; 3], Glyph::Offline);
        check(up, [None, AWAY, AWAY], Glyph::Up);
    }
}
