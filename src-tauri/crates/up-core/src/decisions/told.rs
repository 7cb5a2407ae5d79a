//! The sentences about a notice that was sent.

use std::fmt::Write as _;
use std::sync::Arc;

use super::answer::{self, DecisionLine};
use super::reading::SourceReading;
use crate::journal::{NAMED, TOLD, ToldNotice};
use crate::mood::Mood;
use crate::notice::{Notice, NoticeKind};

impl ToldNotice {
    /// The notice as a phrase for the source at `path`: `as notice 17 (down), together with 3
    /// others, to webhook http://…`.
    fn notice(&self, path: &str) -> String {
        let told = self;
        let mut text = format!("as notice {} ({})", told.id, told.kind.name());
        let others = told.members.iter().filter(|one| *one.path != *path);
        let others: Vec<&str> = others.map(|one| &*one.path).collect();
        let count = (told.count as usize).saturating_sub(1);
        let shown = others.len().min(3).min(count);
        if shown > 0 {
            text.push_str(", together with ");
            text.push_str(&others[..shown].join(", "));
            if count > shown {
                let _ = write!(text, " and {} more", count - shown);
            }
        }
        if let Some(among) = told.among {
            let _ = write!(text, ", most of the {among} sources of {}", told.path);
        } else if count > 0 && *told.path != *path {
            // A tree that contains them all is where they are, and no reason for their fall.
            let is_source = told.members.iter().any(|one| one.path == told.path);
            let what = if is_source {
                "whose common cause is"
            } else {
                "all in"
            };
            let _ = write!(text, ", {what} {}", told.path);
        }
        if told.behind > 0 {
            let _ = write!(text, ", with {} behind it", told.behind);
        }
        match &*told.sinks {
            [] => text.push_str(", to no webhook, command or desktop"),
            sinks => {
                text.push_str(", to ");
                text.push_str(&list(sinks.iter().take(NAMED).map(AsRef::as_ref)));
                if sinks.len() > NAMED {
                    let _ = write!(text, " and {} more", sinks.len() - NAMED);
                }
            }
        }
        text
    }

    /// The sentence about the notice for the source at `path`.
    pub(super) fn sentence(&self, path: &str, mood: Mood) -> String {
        let own = self.members.iter().find(|one| *one.path == *path);
        let word = own.map(|one| one.verdict.word(mood));
        let told = match own {
            Some(one) if one.is_back => {
                format!("Told that it is {} again", one.verdict.word(mood))
            }
            _ => match word {
                Some(word) if self.kind == NoticeKind::Reminder => {
                    format!("Told again that it is {word}")
                }
                Some(word) if self.kind == NoticeKind::Recovered => {
                    format!("Told that it is still {word}")
                }
                Some(word) => format!("Told that it is {word}"),
                None => "Told".to_owned(),
            },
        };
        format!("{told} {}.", self.notice(path))
    }
}

impl SourceReading<'_> {
    /// The notice as a phrase: `as notice 17 (down), together with 3 others, to webhook http://…`.
    pub(super) fn notice(&self, told: &ToldNotice) -> String {
        told.notice(self.path)
    }
}

impl DecisionLine {
    /// The decision line of a stored notice for the source at `path`. `sinks` are those that
    /// received the notice.
    pub fn kept(notice: &Notice, sinks: &[&str], path: &str, mood: Mood) -> Self {
        let told = ToldNotice::of(notice, &sinks.iter().map(|sink| Arc::from(*sink)).collect());
        Self {
            date: notice.date,
            code: TOLD.to_owned(),
            text: told.sentence(path, mood),
            notice: Some(answer::NoticeLine::of(&told)),
            ..Self::default()
        }
    }
}

impl answer::NoticeLine {
    pub(super) fn of(told: &ToldNotice) -> Self {
        Self {
            id: told.id,
            kind: told.kind.name().to_owned(),
            path: told.path.to_string(),
            sources: told
                .members
                .iter()
                .map(|one| one.path.to_string())
                .collect(),
            count: told.count,
            sinks: (told.sinks.iter().take(NAMED))
                .map(ToString::to_string)
                .collect(),
            deliveries: Vec::new(),
        }
    }
}

/// Joins words: `a, b and c`.
fn list<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let words: Vec<&str> = words.collect();
    match words.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}
