//! What the panel's window is like from one start to the next: its size, where a person moved it,
//! whether it is pinned, and how large its text is. It is kept in the file `window.json` beside the
//! history.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use up_files::{FileReader, ReadRequest, private};
use up_wire::ZoomStep;

/// The sizes of the text that can be chosen, in percent.
const ZOOMS: [u16; 11] = [50, 67, 80, 90, 100, 110, 125, 150, 175, 200, 300];
/// The size of the text until a person chooses another one.
const NORMAL: u16 = 100;
/// The largest side of a window that is believed, in logical pixels.
const LARGEST: f64 = 16_384.0;

/// The bounds of reading the file.
const READ_BOUNDS: ReadRequest = ReadRequest {
    largest: 64 * 1024,
    patience: Duration::from_secs(1),
    trusted: false,
};

/// What is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Remembered {
    /// The width and height of the window, in logical pixels.
    pub size: Option<(f64, f64)>,
    /// The upper left corner, in pixels of the desktop, once a person has moved the window. Until
    /// then, it opens near the icon.
    pub position: Option<(i32, i32)>,
    /// True if the window stays when it loses the focus.
    pub pinned: bool,
    /// The size of the text in percent, beside that of the system.
    pub zoom: u16,
}

impl Default for Remembered {
    fn default() -> Self {
        Self {
            size: None,
            position: None,
            pinned: false,
            zoom: NORMAL,
        }
    }
}

impl Remembered {
    /// The text a step larger or smaller, or as large as at first.
    pub(super) fn zoomed(self, step: ZoomStep) -> Self {
        let zoom = match step {
            ZoomStep::In => ZOOMS.into_iter().find(|zoom| *zoom > self.zoom),
            ZoomStep::Out => ZOOMS.into_iter().rev().find(|zoom| *zoom < self.zoom),
            ZoomStep::Reset => Some(NORMAL),
        };
        Self {
            zoom: zoom.unwrap_or(self.zoom),
            ..self
        }
    }

    /// The same without what cannot be.
    fn sane(self) -> Self {
        let is_side = |side: f64| (1.0..LARGEST).contains(&side);
        Self {
            size: self
                .size
                .filter(|(width, height)| is_side(*width) && is_side(*height)),
            zoom: self.zoom.clamp(ZOOMS[0], ZOOMS[ZOOMS.len() - 1]),
            ..self
        }
    }
}

/// What is remembered, and its file.
pub(crate) struct WindowMemory {
    data: PathBuf,
    /// The lock is held for moments only, by the main thread and by commands.
    now: Mutex<Remembered>,
}

impl WindowMemory {
    /// What an earlier run kept in that folder.
    pub(crate) fn load(data: &Path) -> Self {
        // A file that cannot be read counts as none.
        let read = FileReader::default().read(&file(data), READ_BOUNDS).ok();
        let kept = read.and_then(|read| serde_json::from_slice::<Remembered>(&read.bytes).ok());
        Self {
            data: data.to_owned(),
            now: Mutex::new(kept.unwrap_or_default().sane()),
        }
    }

    /// What is remembered.
    pub(crate) fn get(&self) -> Remembered {
        *self.lock()
    }

    /// Changes what is remembered, and keeps it for the next start.
    pub(crate) fn change(&self, change: impl FnOnce(Remembered) -> Remembered) -> Remembered {
        let mut now = self.lock();
        let changed = change(*now);
        if changed != *now {
            *now = changed;
            if let Err(error) = self.write(changed) {
                eprintln!("up-tray: {}: {error}", file(&self.data).display());
            }
        }
        changed
    }

    fn write(&self, kept: Remembered) -> std::io::Result<()> {
        private::data_folder(&self.data)?;
        let fresh = self.data.join("window.json.new");
        private::replace(&file(&self.data), &fresh, &serde_json::to_vec(&kept)?)
    }

    fn lock(&self) -> MutexGuard<'_, Remembered> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn file(data: &Path) -> PathBuf {
    data.join("window.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_as_it_was_after_a_start() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let data = folder.path().join("not/there/yet");
        let memory = WindowMemory::load(&data);
        assert_eq!(memory.get(), Remembered::default());
        let kept = Remembered {
            size: Some((500.0, 700.0)),
            position: Some((-10, 40)),
            pinned: true,
            zoom: 150,
        };
        memory.change(|_| kept);
        assert_eq!(WindowMemory::load(&data).get(), kept);
    }

    #[test]
    fn a_damaged_file_is_none_and_what_cannot_be_is_left_out() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let read = |text: &str| {
            std::fs::write(file(folder.path()), text).expect("it can be written");
            WindowMemory::load(folder.path()).get()
        };
        assert_eq!(read("{"), Remembered::default());
        assert_eq!(read(r#"{"zoom":150}"#).zoom, 150);
        assert_eq!(read(r#"{"zoom":9}"#).zoom, 50);
        assert_eq!(read(r#"{"size":[0.0,1e9]}"#), Remembered::default());
    }

    #[test]
    fn the_text_grows_and_shrinks_in_steps_that_end() {
        let mut now = Remembered::default();
        let mut walk = |step, count: usize| {
            for _ in 0..count {
                now = now.zoomed(step);
            }
            now.zoom
        };
        assert_eq!(walk(ZoomStep::In, 1), 110);
        assert_eq!(walk(ZoomStep::In, 4), 200);
        assert_eq!(walk(ZoomStep::In, 9), 300);
        assert_eq!(walk(ZoomStep::Out, 20), 50);
        assert_eq!(walk(ZoomStep::Reset, 1), 100);
    }
}
