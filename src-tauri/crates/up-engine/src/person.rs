//! The person who uses this Up, as others read it.

use std::env;

use up_core::control::MAX_PERSON;
use up_core::line::one_line;

/// Where systems say the user's name: Unix, and Windows.
const VARIABLES: [&str; 3] = ["LOGNAME", "USER", "USERNAME"];

/// The person at this Up, `user@agent`; only the agent where the system does not say who the user
/// is.
pub fn person(agent: &str) -> String {
    let mut values = VARIABLES.into_iter().filter_map(env::var_os);
    let user = values.find(|value| !value.is_empty());
    named(&user.unwrap_or_default().to_string_lossy(), agent)
}

fn named(user: &str, agent: &str) -> String {
    let person = match user {
        "" => agent.to_owned(),
        user => format!("{user}@{agent}"),
    };
    one_line(&person, MAX_PERSON)
}

#[cfg(test)]
mod tests {
    use up_core::{Control, Controls};

    use super::*;

    #[test]
    fn a_person_is_a_user_of_an_agent() {
        assert_eq!(named("anna", "desk"), "anna@desk");
        assert_eq!(named("", "desk"), "desk");
        assert_eq!(named("an\u{1b}na\n", "desk"), "an na @desk");
    }
    #[test]
    fn files_and_peers_of_earlier_versions_name_nobody() {
        let by = |field: &str| {
            let text =
                format!("{{\"acknowledged\":{{\"/R\":{{\"since\":1.0,\"note\":null{field}}}}}}}");
            let read: Controls = serde_json::from_str(&text).expect("a file of controls");
            let written = serde_json::to_string(&read.acknowledged).expect("JSON");
            assert!(text.contains(&written), "{written}");
            read.acknowledged["/R"].by.clone()
        };
        assert_eq!(by(""), None);
        assert_eq!(by(",\"by\":\"anna@desk\""), Some("anna@desk".into()));

        let asked = "{\"do\":\"acknowledge\",\"path\":\"/R\",\"note\":null}";
        let control: Control = serde_json::from_str(asked).expect("as each version asks");
        // A running Up of an earlier version refuses fields that it does not know.
        let sent = serde_json::to_string(&control.given_by("anna@desk")).expect("JSON");
        assert_eq!(sent, asked);
    }
}
