//! What a person sees: the pixels of a screen, and the areas that have a colour.

use std::path::Path;

use image::RgbImage;

/// A part of a screen, in pixels from the upper left corner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Area {
    /// The left edge.
    pub left: u32,
    /// The upper edge.
    pub top: u32,
    /// The width.
    pub width: u32,
    /// The height.
    pub height: u32,
}

impl Area {
    /// The centre.
    pub fn middle(self) -> (u32, u32) {
        (self.left + self.width / 2, self.top + self.height / 2)
    }
}

/// The hue of a status, whatever the exact shade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hue {
    /// Down.
    Red,
    /// Between down and up.
    Yellow,
    /// Up.
    Green,
    /// Unknown or held: a bright grey, as seen on a dark panel.
    Grey,
}

impl Hue {
    /// All hues.
    pub const ALL: [Self; 4] = [Self::Red, Self::Yellow, Self::Green, Self::Grey];

    /// The hue of a colour (red, green, blue). `None` for other colours.
    pub fn of([r, g, b]: [u8; 3]) -> Option<Self> {
        let [r, g, b] = [r, g, b].map(i32::from);
        let (most, least) = (r.max(g).max(b), r.min(g).min(b));
        if most < 120 {
            None
        } else if most - least < 40 {
            (150..220).contains(&most).then_some(Self::Grey)
        } else if r - g > 90 && r - b > 90 {
            Some(Self::Red)
        } else if g - r > 60 && g - b > 40 {
            Some(Self::Green)
        } else if r - b > 90 && g - b > 60 {
            Some(Self::Yellow)
        } else {
            None
        }
    }
}

/// The pixels of a screen at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Screen(RgbImage);

impl Screen {
    /// Reads a screen dumped in X's format (`XWDFile.h`): 24 bits of colour in 32, the least
    /// significant byte first.
    pub fn of_xwd(dump: &[u8]) -> Self {
        let field = |index: usize| {
            let bytes = &dump[4 * index..4 * index + 4];
            u32::from_be_bytes(bytes.try_into().expect("four bytes"))
        };
        let (head, width, height, line) = (field(0), field(4), field(5), field(12));
        assert_eq!((field(11), field(7)), (32, 0), "bits a pixel, byte order");
        // A colour table with twelve bytes an entry lies between the header and the pixels.
        let start = head + field(19) * 12;
        Self(RgbImage::from_fn(width, height, |x, y| {
            let at = (start + y * line + x * 4) as usize;
            image::Rgb([dump[at + 2], dump[at + 1], dump[at]])
        }))
    }

    /// Reads a screen from a PNG file.
    pub fn of_png(file: &[u8]) -> Self {
        let read = image::load_from_memory_with_format(file, image::ImageFormat::Png);
        Self(read.expect("a PNG file").to_rgb8())
    }

    /// The part of the screen in that area.
    pub fn part(&self, area: Area) -> Self {
        let Area {
            left,
            top,
            width,
            height,
        } = area;
        Self(image::imageops::crop_imm(&self.0, left, top, width, height).to_image())
    }

    /// Pictures below each other, enlarged by `times`.
    pub fn stacked(screens: &[Self], times: u32) -> Self {
        let wide = screens.iter().map(|screen| screen.0.width()).max();
        let high: u32 = screens.iter().map(|screen| screen.0.height()).sum();
        let mut sheet = RgbImage::new(wide.unwrap_or_default() * times, high * times);
        let mut top = 0;
        for Self(screen) in screens {
            let (width, height) = (screen.width() * times, screen.height() * times);
            let nearest = image::imageops::FilterType::Nearest;
            let larger = image::imageops::resize(screen, width, height, nearest);
            image::imageops::replace(&mut sheet, &larger, 0, top);
            top += i64::from(height);
        }
        Self(sheet)
    }

    /// The smallest area with all pixels of that hue. `None` if there are so few that they may be
    /// chance.
    pub fn patch(&self, hue: Hue) -> Option<Area> {
        const CHANCE: usize = 30;
        let pixels = self.0.enumerate_pixels();
        let found: Vec<_> = pixels
            .filter(|(_, _, pixel)| Hue::of(pixel.0) == Some(hue))
            .map(|(x, y, _)| (x, y))
            .collect();
        let edge = |of: fn(&(u32, u32)) -> u32| {
            let edges = found.iter().map(of);
            Some((edges.clone().min()?, edges.max()?))
        };
        let ((left, right), (top, bottom)) = (edge(|at| at.0)?, edge(|at| at.1)?);
        let area = Area {
            left,
            top,
            width: right - left + 1,
            height: bottom - top + 1,
        };
        (found.len() > CHANCE).then_some(area)
    }

    /// The smallest area with all pixels that have another colour than this one. `None` if there
    /// are none.
    pub fn covered(&self, background: [u8; 3]) -> Option<Area> {
        let pixels = self.0.enumerate_pixels();
        let others = pixels.filter(|(_, _, pixel)| pixel.0 != background);
        let (mut left, mut top, mut right, mut bottom) = (u32::MAX, u32::MAX, 0, 0);
        for (x, y, _) in others {
            (left, top) = (left.min(x), top.min(y));
            (right, bottom) = (right.max(x + 1), bottom.max(y + 1));
        }
        (left < right).then(|| Area {
            left,
            top,
            width: right - left,
            height: bottom - top,
        })
    }

    /// The number of different colours. A blank screen has one.
    pub fn colours(&self) -> usize {
        let colours: std::collections::HashSet<_> = self.0.pixels().map(|pixel| pixel.0).collect();
        colours.len()
    }

    /// Saves it as a PNG file.
    pub fn save(&self, file: &Path) {
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder).expect("a folder for pictures");
        }
        self.0.save(file).expect("a picture can be written");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shades_have_the_hue_that_a_person_sees() {
        let check = |colour: [u8; 3], expected: Option<Hue>| {
            assert_eq!(Hue::of(colour), expected, "{colour:?}");
        };
        check([0xff, 0x5a, 0x52], Some(Hue::Red));
        check([0xff, 0xc6, 0x2b], Some(Hue::Yellow));
        check([0x3d, 0xd1, 0x71], Some(Hue::Green));
        check([0xaa, 0xb2, 0xbd], Some(Hue::Grey));
        check([0x35; 3], None);
        check([0xf6, 0xf5, 0xf4], None);
        check([0x00, 0x00, 0xff], None);
    }

    #[test]
    fn a_patch_is_found_in_a_dump() {
        let (width, height) = (40_u32, 20_u32);
        let mut head = [0_u32; 25];
        (head[0], head[4], head[5], head[11], head[12], head[19]) =
            (104, width, height, 32, width * 4 + 8, 1);
        let mut dump: Vec<u8> = head.iter().flat_map(|field| field.to_be_bytes()).collect();
        // The end of the header, then one colour.
        dump.resize(104 + 12, 0);
        for y in 0..height {
            for x in 0..width {
                let red = (5..15).contains(&x) && (3..11).contains(&y);
                dump.extend(if red {
                    [0x20, 0x20, 0xff, 0]
                } else {
                    [0x30, 0x30, 0x30, 0]
                });
            }
            dump.extend([0; 8]);
        }
        let screen = Screen::of_xwd(&dump);
        let area = Area {
            left: 5,
            top: 3,
            width: 10,
            height: 8,
        };
        assert_eq!(screen.patch(Hue::Red), Some(area));
        assert_eq!(screen.patch(Hue::Green), None);
        assert_eq!((screen.colours(), screen.part(area).colours()), (2, 1));
        assert_eq!(area.middle(), (10, 7));
    }
}
