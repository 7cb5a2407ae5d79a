//! The paths of the configuration file and of the data directory.

use std::env;
use std::path::{Path, PathBuf};

use directories::BaseDirs;

/// The configuration file in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigFile {
    path: PathBuf,
    found: bool,
}

impl ConfigFile {
    /// A file that the user named (`-c`, `$UP_CONFIG`). It is read whoever can write to it.
    pub fn named(path: impl Into<PathBuf>) -> Self {
        let (path, found) = (path.into(), false);
        Self { path, found }
    }

    /// A file that was found in one of the default places. A configuration can run commands and
    /// read secrets, so it is read only if nobody but the user and root could have written it.
    pub fn found(path: impl Into<PathBuf>) -> Self {
        let (path, found) = (path.into(), true);
        Self { path, found }
    }

    /// The path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The same file with an absolute path, which stays valid if the working directory changes.
    #[must_use]
    pub fn absolute(self) -> Self {
        let path = std::path::absolute(&self.path).unwrap_or(self.path);
        Self { path, ..self }
    }

    /// True if the file was found in a default place.
    pub fn was_found(&self) -> bool {
        self.found
    }
}

/// The result of looking for a configuration file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Located {
    /// The file to read. A file that the user named may be missing; reading it reports that.
    File(ConfigFile),
    /// None of the default places has a file.
    Nowhere {
        /// The places, in order of the search.
        looked_at: Vec<PathBuf>,
    },
}

/// Looks for the configuration file: at `explicit` (`-c`), `$UP_CONFIG`, `./up.toml`, then
/// `up/up.toml` in the user's configuration directory.
pub fn locate(explicit: Option<&Path>) -> Located {
    let asked = explicit
        .map(Path::to_owned)
        .or_else(|| path_in("UP_CONFIG"));
    if let Some(asked) = asked {
        return Located::File(ConfigFile::named(asked));
    }
    first_of(vec![PathBuf::from("up.toml"), user_config_file()])
}

fn first_of(places: Vec<PathBuf>) -> Located {
    match places.iter().find(|place| place.exists()) {
        Some(place) => Located::File(ConfigFile::found(place)),
        None => Located::Nowhere { looked_at: places },
    }
}

/// `up/up.toml` in the user's configuration directory, or in the working directory if the user has
/// no home directory.
pub fn user_config_file() -> PathBuf {
    config_dir().join("up").join("up.toml")
}

/// The user's configuration folder (`$XDG_CONFIG_HOME`, or the system's own place), or the working
/// directory if the user has no home directory. It need not exist yet.
pub fn config_dir() -> PathBuf {
    let base = BaseDirs::new().map(|dirs| dirs.config_dir().to_owned());
    base.unwrap_or_default()
}

/// The directory of history and state: `$UP_DATA_DIR`, or `up/` in the user's data directory (or in
/// the working directory if the user has no home directory). It need not exist yet.
pub fn data_dir() -> PathBuf {
    path_in("UP_DATA_DIR").unwrap_or_else(|| {
        let base = BaseDirs::new().map(|dirs| dirs.data_local_dir().to_owned());
        base.unwrap_or_default().join("up")
    })
}

/// The path in an environment variable; `None` if it is unset or empty.
fn path_in(variable: &str) -> Option<PathBuf> {
    env::var_os(variable)
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_place_that_has_one_is_taken() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let places: Vec<PathBuf> = ["a.toml", "b.toml"].map(|f| folder.path().join(f)).into();
        assert_eq!(
            first_of(places.clone()),
            Located::Nowhere {
                looked_at: places.clone()
            }
        );
        std::fs::write(&places[1], "").expect("a file can be written");
        let found = |place: &PathBuf| Located::File(ConfigFile::found(place));
        assert_eq!(first_of(places.clone()), found(&places[1]));
        std::fs::write(&places[0], "").expect("a file can be written");
        assert_eq!(first_of(places.clone()), found(&places[0]));
    }

    #[test]
    fn what_is_named_is_taken_even_when_it_is_missing() {
        let missing = Path::new("no/such/up.toml");
        let named = Located::File(ConfigFile::named(missing));
        assert_eq!(locate(Some(missing)), named);
    }
}
