//! Keeps the mood that a person chose in the tray or the panel, in the file `tray.json` beside the
//! history. The latest choice counts: when up.toml changes its mood afterwards, that one is used.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use up_core::Mood;
use up_engine::Command;
use up_files::{FileReader, ReadRequest, private};

use crate::state::AppState;

/// The content of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Chosen {
    /// The mood that was chosen.
    mood: Mood,
    /// The mood in up.toml at that time; `None` when there was no valid up.toml.
    over: Option<Mood>,
}

/// The bounds of reading the file.
const READ_BOUNDS: ReadRequest = ReadRequest {
    largest: 64 * 1024,
    patience: Duration::from_secs(1),
    trusted: false,
};

fn file(data: &Path) -> PathBuf {
    data.join("tray.json")
}

/// The mood that was chosen in an earlier run, if any.
pub(crate) fn mood(data: &Path) -> Option<Mood> {
    read(data).map(|chosen| chosen.mood)
}

/// Applies a person's choice now, and stores it for the next start.
pub(crate) fn choose(up: &AppState, mood: Mood) -> Result<(), String> {
    up.command(Command::Mood(mood))?;
    let over = up
        .view
        .read(|known| known.plan.as_ref().map(|plan| plan.mood));
    write(&up.data, Chosen { mood, over }).map_err(|error| {
        format!("The mood is changed, but the choice could not be stored: {error}")
    })
}

/// Follows up.toml as long as the engine runs. A mood that is newly written there replaces the
/// choice.
pub(crate) async fn follow_config(up: Arc<AppState>) {
    let mut changes = up.view.news();
    let mut config_mood = read(&up.data).and_then(|chosen| chosen.over);
    loop {
        let mood = up
            .view
            .read(|known| known.plan.as_ref().map(|plan| plan.mood));
        if let Some(mood) = mood
            && config_mood
                .replace(mood)
                .is_some_and(|before| before != mood)
        {
            forget(&up.data);
            let _ = up.command(Command::Mood(mood));
        }
        if changes.changed().await.is_err() {
            break;
        }
    }
}

fn read(data: &Path) -> Option<Chosen> {
    // A file that cannot be read as a choice counts as none. up.toml's mood is used then.
    let read = FileReader::default().read(&file(data), READ_BOUNDS).ok()?;
    serde_json::from_slice(&read.bytes).ok()
}

fn write(data: &Path, chosen: Chosen) -> std::io::Result<()> {
    private::data_folder(data)?;
    let fresh = data.join("tray.json.new");
    private::replace(&file(data), &fresh, &serde_json::to_vec(&chosen)?)
}

fn forget(data: &Path) {
    match std::fs::remove_file(file(data)) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            eprintln!("up-tray: {}: {error}", file(data).display());
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_outlives_the_application() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let data = folder.path().join("not/there/yet");
        assert_eq!(mood(&data), None);
        for choice in Mood::ALL {
            write(
                &data,
                Chosen {
                    mood: choice,
                    over: None,
                },
            )
            .expect("it can be written");
            assert_eq!(mood(&data), Some(choice));
        }
        forget(&data);
        forget(&data);
        assert_eq!(mood(&data), None);
    }

    #[test]
    fn a_damaged_file_is_no_choice() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        for text in ["", "{", r#"{"mood":"furious","over":null}"#] {
            std::fs::write(file(folder.path()), text).expect("it can be written");
            assert_eq!(mood(folder.path()), None, "{text:?}");
        }
    }
}
