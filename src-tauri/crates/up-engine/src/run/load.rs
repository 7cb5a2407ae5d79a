//! Reading the configuration anew: what comes of it, and when what is wrong with it is told.

use std::time::Duration;

use tokio::time::Instant;
use up_config::Loaded;
use up_files::SeenFile;

use super::Loop;
use crate::view::TroubleKind;

/// What may be wrong because files are just being replaced (a certificate before its key, a secret
/// between its removal and its return) is told when it is still wrong after this long.
const PASSING: Duration = Duration::from_secs(5);

impl Loop {
    pub(super) fn load(&mut self) {
        if self.loading.is_some() {
            self.reload_again = true;
            return;
        }
        let loader = self.config.clone();
        self.loading = Some(tokio::task::spawn_blocking(move || loader.load()));
    }

    /// Takes what was read, and says which files are to be watched.
    pub(super) fn loaded(&mut self, loaded: Option<Loaded>) -> Vec<SeenFile> {
        let again = std::mem::take(&mut self.reload_again);
        // Whoever asked while this was being read means the next reading.
        let commanded = !again && std::mem::take(&mut self.commanded);
        let config = self.config.file().path();
        let (wrong, files) = match loaded {
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
        if let Some(wrong) = wrong {
            if !commanded && self.may_pass(&files) {
                let now = Instant::now();
                let until = self
                    .doubtful
                    .take()
                    .map_or(now + PASSING, |(until, _)| until);
                self.doubtful = Some((until, wrong));
            } else {
                self.doubtful = None;
                self.board.set(TroubleKind::Config, "", Some(wrong));
            }
        }
        if again {
            self.load();
        }
        files
    }

    /// True when what is wrong need not be a mistake in up.toml: a file is away, or empty, or up.toml
    /// says what it said when all was well.
    fn may_pass(&self, files: &[SeenFile]) -> bool {
        let is_running = self.rounds.is_some();
        let same = files
            .first()
            .is_some_and(|config| config.content == self.good);
        is_running && (same || files.iter().any(|file| file.content.is_none()))
    }

    /// It did not pass.
    pub(super) fn tell_doubtful(&mut self) {
        if let Some((_, wrong)) = self.doubtful.take() {
            self.board.set(TroubleKind::Config, "", Some(wrong));
        }
    }
}
