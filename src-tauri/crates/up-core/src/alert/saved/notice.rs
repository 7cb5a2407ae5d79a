//! The shape in which a notice is saved: until every sink has it, and for `up alerts`.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::SavedMember;
use super::exact::Exact;
use crate::line::one_line;
use crate::notice::{Notice, NoticeKind, Urgency};
use crate::outline::NodeId;
use crate::sample::Timestamp;

/// The longest path that is displayed, in bytes.
const LONGEST: usize = 4_096;

/// A notice in the form that is saved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedNotice {
    id: u64,
    kind: NoticeKind,
    path: Box<str>,
    members: Vec<(Box<str>, SavedMember)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    among: Option<usize>,
    #[serde(default)]
    behind: usize,
    urgency: u8,
    since: Exact,
    date: Exact,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    replaces: Vec<u64>,
}

impl From<&Notice> for SavedNotice {
    fn from(notice: &Notice) -> Self {
        let members = notice.members.iter();
        Self {
            id: notice.id,
            kind: notice.kind,
            path: (*notice.path).into(),
            members: members
                .map(|member| ((*member.path).into(), SavedMember::of(member, None)))
                .collect(),
            among: notice.among,
            behind: notice.behind,
            urgency: notice.urgency as u8,
            since: Exact(notice.since),
            date: Exact(notice.date),
            replaces: notice.replaces.clone(),
        }
    }
}

/// Makes a saved path safe to display: the file may have been written by someone else.
fn tame(path: &str) -> Arc<str> {
    one_line(path, LONGEST).into()
}

impl SavedNotice {
    /// The id of the notice's incident.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// The ids of the incidents that this one replaces.
    pub fn replaces(&self) -> &[u64] {
        &self.replaces
    }

    /// When the notice was made.
    pub fn date(&self) -> Timestamp {
        self.date.0
    }

    /// The notice as it was made. Its members are identified by their paths only.
    pub fn notice(&self) -> Notice {
        let members = self.members.iter();
        Notice {
            id: self.id,
            kind: self.kind,
            path: tame(&self.path),
            members: members
                .map(|(path, member)| {
                    let path = tame(path);
                    member.member(NodeId::GONE, &path, Timestamp::MAX)
                })
                .collect(),
            among: self.among,
            behind: self.behind,
            urgency: match self.urgency {
                0 => Urgency::Low,
                1 => Urgency::Normal,
                _ => Urgency::Critical,
            },
            since: self.since.0,
            date: self.date.0,
            replaces: self.replaces.clone(),
        }
    }
}
