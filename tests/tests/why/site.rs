//! A running `up watch` that `up why` reads.

use rustix::process::Signal;
use serde_json::json;
use up_core::decisions::{CODES, Explanation};
use up_tests::hook::Hook;
use up_tests::up::{RunningUp, Up, eventually};

/// The head of up.toml, with an interval of a second. A source is a command that is down while a
/// file with its name exists.
const HEAD: &str = "name = \"WhySite\"\ninterval = \"1s\"\ntimeout = \"2s\"\n\
                    [alert]\nretry = \"100ms\"\ngroup_within = \"1s\"\n";

pub(crate) fn source(name: &str, keys: &str) -> String {
    let program = format!("test ! -e {name} || {{ cat {name}; exit 2; }}");
    format!(
        "[[source]]\ntype = \"command\"\nname = {name:?}\ncommand = [\"/bin/sh\", \"-c\", {program:?}]\n\
         {keys}\n"
    )
}

/// A running `up watch` with these sources and a webhook.
pub(crate) struct WhySite {
    pub(crate) up: Up,
    pub(crate) watch: RunningUp,
    pub(crate) hook: Hook,
}

impl WhySite {
    pub(crate) fn start(top: &str, sources: &[String]) -> Self {
        let hook = Hook::start(&[]);
        let sink = format!("[[sink]]\ntype = \"webhook\"\nurl = {:?}\n", hook.url());
        let up = Up::with(format!(
            "{top}{HEAD}{}{sink}[[sink]]\ntype = \"stdout\"\n",
            sources.concat()
        ));
        let watch = up.start(["watch"]);
        watch.out_until("WhySite: UP");
        Self { up, watch, hook }
    }

    pub(crate) fn breaks(&self, name: &str) {
        self.up.write(name, "broken: out of paper\n");
    }

    pub(crate) fn mends(&self, name: &str) {
        std::fs::remove_file(self.up.dir().join(name)).expect("it was broken");
    }

    pub(crate) fn do_it(&self, args: &[&str]) {
        let done = self.up.run(args);
        assert_eq!(done.code, Some(0), "{done:?}");
    }

    /// The answer as JSON. Each code in it must be in its closed list.
    pub(crate) fn why(&self, path: &str) -> Explanation {
        let asked = self.up.run(["why", path, "--json"]);
        assert_eq!((asked.code, &*asked.err), (Some(0), ""), "{asked:?}");
        let why: Explanation = serde_json::from_str(&asked.out).expect("JSON of that shape");
        assert_eq!((why.schema, &*why.path), (1, path));
        for line in why.sources.iter().flat_map(|source| &source.decisions) {
            assert!(CODES.contains(&&*line.code), "{line:?}");
        }
        why
    }

    /// Waits until the short answer has that code, and returns the answer.
    pub(crate) fn why_until(&self, path: &str, code: &str) -> Explanation {
        let mut why = None;
        eventually(code, || {
            let now = self.why(path);
            let is = json!(now.summary.code) == code;
            why = Some(now);
            is
        });
        why.expect("it was asked")
    }

    /// Waits until every notice about that source has a receipt, and returns the answer.
    pub(crate) fn delivered(&self, path: &str) -> Explanation {
        let mut why = None;
        eventually("every notice is delivered", || {
            let now = self.why(path);
            let notices = now.sources.iter().flat_map(|source| &source.decisions);
            let mut notices = notices.filter_map(|line| line.notice.as_ref());
            let is_delivered = notices.all(|notice| {
                let mut sinks = notice.deliveries.iter();
                !notice.deliveries.is_empty() && sinks.all(|sink| sink.state == "delivered")
            });
            why = Some(now);
            is_delivered
        });
        why.expect("it was asked")
    }

    /// The printed answer.
    pub(crate) fn said(&self, path: &str) -> String {
        let asked = self.up.run(["why", path]);
        assert_eq!((asked.code, &*asked.err), (Some(0), ""), "{asked:?}");
        asked.out
    }

    pub(crate) fn end(mut self) {
        assert_eq!(self.watch.end(Signal::TERM), Some(0));
    }
}

/// The codes of the decisions about the only source.
pub(crate) fn codes(why: &Explanation) -> Vec<&str> {
    let [source] = &*why.sources else {
        panic!("one source: {why:?}")
    };
    source.decisions.iter().map(|line| &*line.code).collect()
}
