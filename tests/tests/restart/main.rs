//! `up watch`, ended or killed, and restarted, with a webhook as the observer: no notice is
//! repeated, and none is forgotten.

mod kept;
mod killed;
mod told;

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use up_tests::hook::{Hook, Post};
use up_tests::nginx::Nginx;
use up_tests::up::{RunningUp, Up, eventually};

const HEAD: &str = "name = \"RestartSite\"\nagent = \"tester\"\ninterval = \"1s\"\ntimeout = \"2s\"\n\
                    [alert]\nretry = \"200ms\"\ngroup_within = \"1s\"\n";

fn http(name: &str, url: &str) -> String {
    format!("[[source]]\ntype = \"http\"\nname = {name:?}\nurl = {url:?}\n")
}

fn webhook(hook: &Hook) -> String {
    format!(
        "[[sink]]\ntype = \"webhook\"\nurl = {:?}\nsecret = \"k3y\"\n",
        hook.url()
    )
}

/// Two sources, `web` and `witness`, each with a server of its own, a webhook, and more sources
/// that are always up, so that an outage is not one of the whole tree.
struct RestartSite {
    web: Nginx,
    witness: Nginx,
    steady: Nginx,
    hook: Hook,
    up: Up,
}

impl RestartSite {
    fn start(answers: &[&'static str]) -> Self {
        let (web, witness, hook) = (Nginx::start(), Nginx::start(), Hook::start(answers));
        let up = Up::new();
        let site = Self {
            web,
            witness,
            steady: Nginx::start(),
            hook,
            up,
        };
        site.up.write("up.toml", site.config(&["web", "witness"]));
        site
    }

    fn config(&self, sources: &[&str]) -> String {
        let source = |name: &&str| {
            let server = if *name == "web" {
                &self.web
            } else {
                &self.witness
            };
            http(name, &server.url("/ok"))
        };
        let steady = ["x", "y", "z"].map(|name| http(name, &self.steady.url("/ok")));
        let sources: String = sources.iter().map(source).chain(steady).collect();
        format!("{HEAD}{sources}{}", webhook(&self.hook))
    }

    /// Starts it, and waits until every source was checked.
    fn watch(&self) -> RunningUp {
        let watch = self.up.start(["watch", "-v"]);
        watch.out_until("RestartSite: ");
        watch
    }

    /// The next notice.
    fn told(&self) -> WebhookNotice {
        WebhookNotice::of(&self.hook.next())
    }

    /// The notices in the output of `up alerts`.
    fn alerts(&self, args: &[&str]) -> Vec<Value> {
        let text = self.up.run([&["alerts", "--json"], args].concat()).out;
        let document: Value = serde_json::from_str(&text).expect("JSON");
        document["alerts"].as_array().expect("a list").clone()
    }

    /// Waits until that many notices have a receipt.
    fn delivered(&self, number: usize) {
        eventually(&format!("{number} are acknowledged"), || {
            let alerts = self.alerts(&[]);
            let states = alerts.iter().map(|alert| &alert["sinks"][0]["state"]);
            states.filter(|state| **state == json!("delivered")).count() == number
        });
    }

    /// The path of the only state.
    fn state(&self) -> PathBuf {
        let files = fs::read_dir(self.up.data().join("state")).expect("there is a state");
        let mut files = files.map(|file| file.expect("a file").path());
        let is_state = |file: &PathBuf| file.extension().is_some_and(|end| end == "db");
        files.find(is_state).expect("there is a state")
    }
}

/// A notice as the webhook got it.
#[derive(Debug, PartialEq)]
struct WebhookNotice {
    kind: String,
    path: String,
    id: u64,
    since: Value,
    text: String,
    /// The id by which a receiver recognizes a repeated delivery.
    unique: String,
}

impl WebhookNotice {
    fn of(post: &Post) -> Self {
        let notice: Value = serde_json::from_str(&post.body).expect("JSON");
        let text = |key: &str| notice[key].as_str().expect("a text").to_owned();
        Self {
            kind: text("kind"),
            path: text("path"),
            id: notice["id"].as_u64().expect("a number"),
            since: notice["since"].clone(),
            text: text("text"),
            unique: post.headers["webhook-id"].clone(),
        }
    }

    fn is(&self, kind: &str, path: &str) -> bool {
        (&*self.kind, &*self.path) == (kind, path)
    }
}
