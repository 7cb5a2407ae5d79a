//! A history that is there before the application starts, and what `up` says of it on the same desktop.

use std::fmt::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use serde_json::Value;
use up_tests::desktop::{Desktop, UpTray, eventually};
use up_tests::nginx::Nginx;
use up_tests::screen::Area;
use up_tests::up;
use up_tests::webdriver::DrivenPage;

use crate::{QUICK, page_by_second_start, panel};

/// A source of the seeded history, and its outages in minutes from the beginning.
pub(crate) struct SeededPath {
    /// Its path.
    pub(crate) path: &'static str,
    /// When each of its outages begins and ends.
    pub(crate) outages: &'static [(u32, u32)],
}

/// Two whole days of samples, one a minute.
pub(crate) const PATHS: [SeededPath; 4] = [
    SeededPath {
        path: "/Example/Shop/Web",
        outages: &[(600, 630), (2_000, 2_012)],
    },
    SeededPath {
        path: "/Example/Shop/Pay",
        outages: &[(1_000, 1_100)],
    },
    SeededPath {
        path: "/Example/Shop/Mail",
        outages: &[],
    },
    SeededPath {
        path: "/Example/Printer",
        outages: &[(100, 400)],
    },
];
const MINUTES: u32 = 2 * 24 * 60;
const DAY: i64 = 86_400;

/// A seeded history.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SeededHistory {
    /// Its beginning, a midnight of UTC, in Unix seconds.
    begin: i64,
}

impl SeededHistory {
    /// Imports it into the history of that desktop.
    pub(crate) fn import(desktop: &Desktop) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let today = now.expect("after 1970").as_secs().cast_signed() / DAY * DAY;
        let begin = today - 4 * DAY;
        let mut rows = "path,date,status,duration,cause_code,cause\n".to_owned();
        for (number, SeededPath { path, outages }) in (1_u32..).zip(&PATHS) {
            for minute in 0..MINUTES {
                let down = outages
                    .iter()
                    .any(|(from, to)| (*from..*to).contains(&minute));
                let (status, cause) = if down {
                    (0, "refused,refused")
                } else {
                    (1, ",")
                };
                let date = begin + i64::from(minute) * 60;
                let duration = f64::from(number) * 0.1 + f64::from(minute % 7) * 0.01;
                writeln!(rows, "{path},{date},{status},{duration},{cause}").expect("a text");
            }
        }
        let file = desktop.dir().join("seed.csv");
        std::fs::write(&file, rows).expect("a file on the desktop");
        let file = file.to_string_lossy().into_owned();
        printed(desktop, &["history", "import", &file]);
        Self { begin }
    }

    /// The moment that many minutes after the beginning, in Unix seconds.
    pub(crate) fn minute(self, minutes: u32) -> i64 {
        self.begin + i64::from(minutes) * 60
    }

    /// That moment as `up` and the panel read it: `2026-11-22T00:00:00Z`.
    fn written(self, minutes: u32) -> String {
        let at = Timestamp::from_second(self.minute(minutes));
        at.expect("a date").to_string()
    }

    /// The date of a day of it, such as `2026-11-22`.
    pub(crate) fn day(self, number: u32) -> String {
        self.written(number * 24 * 60)[..10].to_owned()
    }

    /// What `up history` says of a path between two minutes.
    pub(crate) fn told(self, desktop: &Desktop, path: &str, (from, to): (u32, u32)) -> Value {
        let (from, to) = (self.written(from), self.written(to));
        answer(
            desktop,
            &["history", path, "--since", &from, "--until", &to],
        )
    }

    /// The samples of a path between two minutes, as `up history --csv` prints them.
    pub(crate) fn rows(self, desktop: &Desktop, path: &str, (from, to): (u32, u32)) -> String {
        let (from, to) = (self.written(from), self.written(to));
        let args = ["history", path, "--csv", "--since", &from, "--until", &to];
        printed(desktop, &args)
    }

    /// Selects a path, and has its history show the time between two minutes.
    pub(crate) async fn show(
        self,
        (desktop, page): (&Desktop, &DrivenPage),
        path: &str,
        (from, to): (u32, u32),
    ) {
        let name = path.rsplit('/').next().expect("a name");
        page.click(&format!("[role=treeitem][data-path='{path}'] .name"))
            .await;
        let section = format!("section[aria-label='History of {name}']");
        page.wait_for(&format!("{section}[aria-busy=false] [role=slider]"))
            .await;
        page.click_text(&format!("{section} [role=radio]"), "UTC")
            .await;
        for (label, minute) in [("From", from), ("To", to)] {
            let written = self.written(minute).replace('T', " ");
            page.fill(
                &format!("{section} input[aria-label^='{label}, such as']"),
                &written[..16],
            )
            .await;
        }
        page.click_text(&format!("{section} form button"), "Show")
            .await;
        let told = self.told(desktop, path, (from, to));
        let count = thousands(told["count"].as_u64().expect("a count"));
        eventually(format_args!("{count} samples of {path}"), async || {
            let text = page.text_of(&section).await?;
            text.contains(&format!("\n{count} samples from"))
                .then_some(())
        })
        .await;
    }
}

/// The up.toml of what the history is of. Everything is up now, and checked once an hour.
pub(crate) fn config(nginx: &Nginx) -> String {
    let leaf = |path: &str, table: &str| {
        let name = path.rsplit('/').next().expect("a name");
        let port = nginx.port();
        format!(
            "\n[[{table}]]\ntype = \"tcp\"\nname = \"{name}\"\nhost = \"127.0.0.1\"\nport = {port}\n\
             interval = \"1h\"\n"
        )
    };
    let [web, pay, mail, printer] = PATHS.map(|seeded| seeded.path);
    let shop = [web, pay, mail].map(|path| leaf(path, "source.source"));
    let (shop, printer) = (shop.concat(), leaf(printer, "source"));
    format!("{QUICK}\n[[source]]\ntype = \"tree\"\nname = \"Shop\"\n{shop}{printer}")
}

/// Opens the panel, and makes it so wide that tree and details are beside each other.
pub(crate) async fn opened_wide(up: &UpTray, desktop: &Desktop) -> (String, DrivenPage) {
    // A second start at the same moment might take the place of the first.
    desktop.item().await;
    let page = page_by_second_start(up, desktop).await;
    let window = panel(desktop).await;
    let wide = Area {
        left: 300,
        top: 40,
        width: 960,
        height: 720,
    };
    desktop.put(&window, wide);
    eventually("a wide panel", async || {
        (page.run("return innerWidth").await == wide.width).then_some(())
    })
    .await;
    (window, page)
}

/// What `up` prints with these arguments.
pub(crate) fn printed(desktop: &Desktop, args: &[&str]) -> String {
    let mut command = desktop.command(&up::program());
    let done = command.args(args).output().expect("`up` runs");
    assert!(done.status.success(), "up {args:?}: {done:?}");
    String::from_utf8(done.stdout).expect("UTF-8")
}

/// What `up` answers with these arguments and `--json`.
pub(crate) fn answer(desktop: &Desktop, args: &[&str]) -> Value {
    let text = printed(desktop, &[args, &["--json"]].concat());
    serde_json::from_str(&text).expect("JSON")
}

/// A status as the panel writes it: `99.31%`.
pub(crate) fn percent(status: &Value) -> String {
    let status = status.as_f64().expect("a status");
    format!("{}%", (status * 1e4).round() / 1e2)
}

fn thousands(number: u64) -> String {
    match number {
        ..1_000 => number.to_string(),
        _ => format!("{},{:03}", number / 1_000, number % 1_000),
    }
}
