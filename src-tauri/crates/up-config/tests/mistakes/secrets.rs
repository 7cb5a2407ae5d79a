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
        &format!("{text}token = {{ credential = \"up-no-such-name\" }}"),
        &[(
            "4:9",
            "there is no credential up-no-such-name: systemd started Up without any \
             ($CREDENTIALS_DIRECTORY is not set). \
             `LoadCredential=up-no-such-name:/etc/up/up-no-such-name` in the unit gives it",
            "",
        )],
    );
    check(
        &format!("{text}token = {{ credential = \"../shop\" }}"),
        &[("4:9", "\"../shop\" cannot name a credential", "")],
    );
    check(
        &format!("{text}token = {{ envv = \"x\" }}"),
        &[(
            "4:9",
            "`token`: a string, or one of { env = \"NAME\" }, { file = \"PATH\" }, { keyring = \
             \"NAME\" }, { credential = \"NAME\" }",
            "",
        )],
    );
}

#[test]
fn no_secret_is_shown() {
    check_hidden(&[
        // Misspelt, or under another name.
        "pasword = \"hunter2\"",
        "PASSWORD = \"hunter2\"",
        "pass-word = \"hunter2\"",
        "\"pass word\" = \"hunter2\"",
        "pw = \"hunter2\"",
        "passphrase = \"hunter2\"",
        "api_key = 'hunter2'",
        "tokne = \"hunter2\" # hunter2",
        "heders = { X-Api-Key = \"hunter2\" }",
        "http_headers = { Accept = \"hunter2\" }",
        "environment = { HOME = \"hunter2\" }",
        "[source.header]\nAccept = \"hunter2\"",
        "[source.env]\nNAME = \"hunter2\"",
        "[[source.env]]\nname = \"A\"\nvalue = \"hunter2\"",
        "env = [{ name = \"A\", value = \"hunter2\" }]",
        "community = \"hunter2\"",
        "database = \"hunter2\"",
        "x = \"hunter2\"",
        "credentials.user = \"hunter2\"",
        "password.value = \"hunter2\"",
        "token.hunter2 = \"x\"",
        "headers.authorization.value = \"hunter2\"",
        // Numbers are secrets as well.
        "pasword = 12345678",
        "password = 12345678",
        "pin_token = 12345678.5",
        "headers = { X-Pin = 12345678 }",
        // Of the wrong type.
        "password = [\"hunter2\"]",
        "password = { value = \"hunter2\" }",
        "password = { env = \"hunter2\" }",
        "password = { env = \"A\", file = \"hunter2\" }",
        "token = \"hunter2\\n\"",
        "interval = \"hunter2\"",
        "status = [\"hunter2\"]",
        "method = \"GET, password: hunter2\"",
        "headers = [\"Authorization: hunter2\"]",
        "headers = \"Authorization: hunter2\"",
        "headers.\"Authorization: hunter2\" = 1",
        // No TOML.
        "password = \"hunter2",
        "password = hunter2",
        "password = hun#hunter2",
        "password = 'hunter2\"",
        "password = hunter2'",
        "password: hunter2",
        "password: \"hunter2\"",
        "password hunter2",
        "password \"hunter2\"",
        "pasword hunter2",
        "- password: hunter2",
        "password == \"hunter2\"",
        "password =\n\"hunter2\"",
        "password = \"\"\"hunter2",
        "password = \"\"\"\nhunter2\n\"\"\"\nx = 1",
        "password = [\n\"hunter2\"\nx = 1",
        "hunter2",
        "hunter2 = \"password\"",
        "token = \"hunter2\\q\"",
        "headers = { Authorization = \"hunter2\"",
        "headers = { Authorization = hunter2 }",
        "headers = { Authorization: \"hunter2\" }",
        "headers = { X-Api-Key = \"hunter2\", b = 5 }",
        "headers.\"Authorization\" = \"hunter2\\n\"",
        "name = \"a\" password = \"hunter2\"",
        "name = \"a, password = \"hunter2\"",
        "name = \"a\", password = hunter2",
        "[[source.headers] Authorization = \"hunter2\"",
        "[source] hunter2",
        "[source.headers\nAuthorization = \"hunter2\"",
        "[source.basic]\npassword = \"hunter2\"\nx = 1",
    ]);
}

#[test]
fn no_secret_in_a_url_or_a_sink_is_shown() {
    check_hidden(&[
        // URLs.
        "url = \"ftp://u:hunter2@h/\"",
        "url = \"http:/u:hunter2@h/\"\nredirects = -1",
        "url = \"http//u:hunter2@h/\"",
        "url = \"u:hunter2@h\"",
        "url = \"mongodb://u:hunter2@h\"",
        "url = \"htps://hooks.slack.com/services/T/B/hunter2\"",
        "url = \"https://h/?key=hunter2\"\nredirects = -1",
        "url = \"https://h/?hunter2\"\nredirects = -1",
        "url = \"https://h/#hunter2\"\nurl = 1",
        "url = \"https://h:hunter2/\"",
        "url = https://u:hunter2@h/",
        "ulr = \"https://h/hunter2\"",
        "uri = \"https://u:hunter2@h/\"",
        "proxy = \"gopher://u:hunter2@h/\"",
        "reference = [\"https://u:hunter2@\", \"h/?k=hunter2\"]",
        "[network]\nreference = [\"ftp://u:hunter2@h/\"]",
        // Sinks.
        "[[sink]]\ntype = \"mongo\"\nuri = \"http://u:hunter2@h/\"",
        "[[sink]]\ntype = \"mongo\"\nuri = \"mongodb://u:hunter2@\"",
        "[[sink]]\ntype = \"mongo\"\nuri = \"mongodb://u:hunter2/#@h\"",
        "[[sink]]\ntype = \"mongo\"\nuri = \"mongodb:/u:hunter2@h\"",
        "[[sink]]\ntype = \"mongo\"\nuri = mongodb://u:hunter2#@h",
        "[[sink]]\ntype = \"mongo\"\nuri = \"mongodb://h/?tlsCertificateKeyFilePassword=hunter2\"",
        "[[sink]]\ntype = \"mongo\"\nuri = \"mongodb://h/?hunter2=hunter2&x\"",
        "[[sink]]\ntype = \"mongo\"\nurl = \"mongodb://hunter2\"",
        "[[sink]]\ntype = \"webhook\"\nurl = \"htps://hooks.slack.com/services/hunter2\"",
        "[[sink]]\ntype = \"webhook\"\nurl = \"hooks.slack.com/services/hunter2\"",
        "[[sink]]\ntype = \"webhook\"\nurl = \"hunter2:services\"",
        "[[sink]]\ntype = \"webhook\"\nurl = \"https://hooks.slack.com/services/hunter2",
        "[[sink]]\ntype = \"webhook\"\nurl = https://hooks.slack.com/services/hunter2",
        "[[sink]]\ntype = \"webhook\"\nurl = \"https://h/\"\nheader = { a = \"hunter2\" }",
        "[[sink]]\ntype = \"webhook\"\nurl = \"https://h/\"\nbody = [\"hunter2\"]",
        "[[sink]]\ntype = \"command\"\ncommand = \"curl -u u:hunter2\"",
        "[[sink]]\ntype = \"command\"\ncommand = [\"curl\", \"hunter2\"]\nargs = [\"hunter2\"]",
    ]);
}

/// What stands below a source of type http, or in a sink of its own, is wrong, and nothing that is
/// said of it has a secret in it.
fn check_hidden(all: &[&str]) {
    for lines in all {
        let text = format!("[[source]]\ntype = \"http\"\n{lines}");
        let error = mistakes(&text);
        let told = format!("{error}\n{error:?}");
        for secret in ["hunter", "12345678"] {
            assert!(!told.contains(secret), "{text}\n=>\n{error}");
        }
    }
}

/// What is shown of a line, and the caret below it.
#[test]
fn what_is_harmless_stays_readable() {
    let check = |lines: &str, line: &str| {
        let told = mistakes(&format!("[[source]]\ntype = \"http\"\n{lines}"));
        let told = format!("{told}\n");
        assert!(
            told.contains(&format!("\n    {line}\n")),
            "{line}\nin\n{told}"
        );
    };
    let with_url = |keys: &str| format!("url = \"http://h/\"\n{keys}");
    for line in [
        "interval = 30",
        "interval = 30s",
        "interval = \"30\"",
        "intervall = \"30s\" # often",
        "timeout = true",
        "name = \"Main / site\"",
        "weight = \"2\"",
        "redirects = \"many\"",
        "concurrency = 2",
        "alert = { down_after = 0, retry = \"5s\" }",
        "expect = { time = \"fast\", regex = '(' }",
        "depends_on = [\"router\", \"/R/web\"]",
        "reference = [\"ftp://example.org/\"]",
        "http = \"3\"",
        "insecure = \"yes\"",
        "[source.alrt]",
    ] {
        check(&with_url(line), line);
    }
    check(
        "url = \"ftp://example.org/\"",
        "url = \"ftp://example.org/\"",
    );
    check("type = \"htpp\"", "type = \"htpp\"");
    check(
        &with_url("headers = { A = \"b\", c = 5 }"),
        "headers = { A = \"•••\", c = ••• }\n                               ^^^",
    );
    check(
        &with_url("password = { env = \"UP_NO_SUCH_VARIABLE\" }"),
        "password = { env = \"UP_NO_SUCH_VARIABLE\" }",
    );
    check("url = \"https://u:p@h:x/\"", "url = \"https://•••\"");
    check(
        "url = \"gopher://u:p@h/?a=b\"",
        "url = \"gopher://•••@h/?a=•••\"\n          ^^^^^^^^^^^^^^^^^^^^^^^",
    );
    check("password: hunter2", "password: •••\n              ^");
}
