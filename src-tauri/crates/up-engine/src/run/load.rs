//! Reading the configuration again: a good plan is taken up, and an error is shown once it lasts.

use std::time::Duration;

use tokio::time::Instant;
use up_config::Loaded;
use up_files::SeenFile;

use super::Loop;
use crate::view::TroubleKind;

/// How long an error must last before it is shown, if it may come from files that are just being
/// replaced (a certificate before its key, a secret between its removal and its return).
const REPLACING: Duration = Duration::from_secs(5);

impl Loop {
    /// Reads the configuration, or does so again after the reading that is under way.
    pub(super) fn load(&mut self) {
        if self.loading.is_some() {
            self.reload_again = true;
            return;
        }
        let loader = self.config.clone();
        self.loading = Some(tokio::task::spawn_blocking(move || loader.load()));
    }

    /// Takes up the configuration that was read. Returns the files to watch.
    pub(super) fn loaded(&mut self, loaded: Option<Loaded>) -> Vec<SeenFile> {
        let again = std::mem::take(&mut self.reload_again);
        // A reload that a person asked for during this reading is answered by the next one.
        let requested = !again && std::mem::take(&mut self.reload_requested);
        let config = self.config.file().path();
        let (error, files) = match loaded {
            Some(Loaded {
                plan: Ok(plan),
                files,
            }) => {
                self.take_up(plan);
                (None, files)
            }
            Some(Loaded {
                plan: Err(error),
                files,
            }) => (Some(error.to_string()), files),
            None => {
                let text = format!("{}: could not be read", config.display());
                (Some(text), vec![SeenFile::never(config)])
            }
        };
        if let Some(error) = error {
            if !requested && self.may_pass(&files) {
                let now = Instant::now();
                let until = self
                    .passing_error
                    .take()
                    .map_or(now + REPLACING, |(until, _)| until);
                self.passing_error = Some((until, error));
            } else {
                self.passing_error = None;
                self.health.set(TroubleKind::Config, "", Some(error));
            }
        }
        if requested {
            self.reloads.send_modify(|ended| *ended += 1);
        }
        if again {
            self.load();
        }
        files
    }

    /// True when the error need not be a mistake in up.toml: a file is absent or empty, or up.toml
    /// has the same text as in the plan that runs.
    fn may_pass(&self, files: &[SeenFile]) -> bool {
        let is_running = self.scheduler.is_some();
        let same = files
            .first()
            .is_some_and(|config| config.content == self.running_text);
        is_running && (same || files.iter().any(|file| file.content.is_none()))
    }

    /// Shows the error that has not passed.
    pub(super) fn show_lasting_error(&mut self) {
        if let Some((_, error)) = self.passing_error.take() {
            self.health.set(TroubleKind::Config, "", Some(error));
        }
    }
}
