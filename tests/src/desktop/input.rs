//! The mouse and the keyboard of the desktop. What stands on its screen is not asked here.

use std::process::Child;

use super::{Desktop, program};

impl Desktop {
    /// Clicks at that position with a mouse button: 1 is the left one, 3 the right one.
    pub fn click(&self, (x, y): (u32, u32), button: u8) {
        let at = [x, y].map(|number| number.to_string());
        self.xdotool(&["mousemove", &at[0], &at[1], "click", &button.to_string()]);
    }

    /// Begins a click at that position. The program that clicks goes on for a tenth of a second, so
    /// that a measurement may not wait for its end.
    pub fn click_begun(&self, (x, y): (u32, u32), button: u8) -> Child {
        let at = [x, y].map(|number| number.to_string());
        let mut command = self.command(&program("xdotool", &[]));
        command.args(["mousemove", &at[0], &at[1], "click", &button.to_string()]);
        command.spawn().expect("xdotool can be run")
    }

    /// Moves the pointer to a position in the content of a window.
    pub fn point_in(&self, window: &str, (x, y): (u32, u32)) {
        let at = [x, y].map(|number| number.to_string());
        self.xdotool(&["mousemove", "--window", window, &at[0], &at[1]]);
    }

    /// Clicks at a position within a window, whatever its decoration is.
    pub fn click_in(&self, window: &str, (x, y): (u32, u32), button: u8) {
        let at = [x, y].map(|number| number.to_string());
        let to = ["mousemove", "--window", window, &at[0], &at[1]];
        self.xdotool(&[&to[..], &["click", &button.to_string()]].concat());
    }

    /// Moves the pointer to that position.
    pub fn point(&self, (x, y): (u32, u32)) {
        self.xdotool(&["mousemove", &x.to_string(), &y.to_string()]);
    }

    /// Presses keys, by their names in xdotool.
    pub fn press(&self, keys: &[&str]) {
        self.xdotool(&[["key"].as_slice(), keys].concat());
    }
}
