//! Secrets that cannot be read, and those that must not be shown.

use super::{check, mistakes};

#[test]
fn secrets() {
    let text = "[[source]]\ntype = \"http\"\nurl = \"http://h/\"\n";
    check(
        &format!("{text}token = {{ env = \"UP_NO_SUCH_VARIABLE\" }}"),
        &[(
            "4:9",
            "the environment variable UP_NO_SUCH_VARIABLE is not set",
            "",
        )],
    );
    check(
        &format!("{text}token = {{ keyring = \"\" }}"),
        &[("4:9", "\"\" cannot name an entry of the keyring", "")],
    );
    check(
        &format!("{text}token = {{ envv = \"x\" }}"),
        &[(
            "4:9",
            "`token`: a string, or one of { env = \"NAME\" }, { file = \"PATH\" }, { keyring = \
             \"NAME\" }",
            "",
        )],
    );
}

#[test]
fn no_secret_is_shown() {
    for line in [
        "pasword = \"hunter2\"",
        "password = \"hunter2",
        "password = hunter2",
        "password = [\"hunter2\"]",
        "token = \"hunter2\\q\"",
        "url = \"ftp://u:hunter2@h/\"",
        "proxy = \"gopher://u:hunter2@h/\"",
        "headers = { X-Api-Key = \"hunter2\", b = 5 }",
        "headers.\"Authorization\" = \"hunter2\\n\"",
        "status = \"hunter2\"",
        "[source.basic]\npassword = \"hunter2\"\nx = 1",
        "[network]\nreference = [\"ftp://u:hunter2@h/\"]",
        "[[sink]]\ntype = \"mongo\"\nuri = \"http://u:hunter2@h/\"",
        "[[sink]]\ntype = \"mongo\"\nuri = \"mongodb://u:hunter2@\"",
        "[[sink]]\ntype = \"mongo\"\nuri = \"mongodb://u:hunter2/#@h\"",
        "[[sink]]\ntype = \"mongo\"\nuri = \"mongodb:/u:hunter2@h\"",
        "[[sink]]\ntype = \"mongo\"\nuri = mongodb://u:hunter2#@h",
    ] {
        let text = format!("[[source]]\ntype = \"http\"\n{line}");
        let told = mistakes(&text).to_string();
        // An unknown key's name is shown, and a value that no key makes a secret.
        if line.starts_with("pasword") || line.starts_with("status") {
            assert!(
                !told
                    .lines()
                    .any(|line| line.starts_with("up.toml") && line.contains("hunter2"))
            );
        } else {
            assert!(!told.contains("hunter2"), "{text}\n=>\n{told}");
        }
    }
}
