//! The page of the panel, read and clicked through `WebKitWebDriver`: by roles, labels and texts,
//! as a person with a screen reader does.

use std::net::SocketAddr;
use std::time::Duration;

use serde::Deserialize;
use tempfile::TempDir;
use thirtyfour::prelude::*;

use super::{DesktopSession, eventually};
use crate::daemon::{Daemon, program};
use crate::port::Port;
use crate::screen::Hue;

/// The time limit for one answer of the driver, which waits for ever for a page that never comes.
const PATIENCE: Duration = Duration::from_secs(30);

/// A page with a driver of its own.
#[derive(Debug)]
pub struct DrivenPage {
    driver: WebDriver,
    _daemon: Daemon,
    _port: Port,
    _dir: TempDir,
}

/// A row of the tree, as a screen reader reads it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct AccessibleRow {
    /// The depth of the row; that of the root is 1.
    pub level: u32,
    /// The name of the node.
    pub name: String,
    /// The texts after the name: word, percent, duration and cause, if they are there.
    pub words: Vec<String>,
}

impl AccessibleRow {
    /// The status word of the row, such as `DOWN`.
    pub fn word(&self) -> &str {
        self.words.first().map_or("", String::as_str)
    }

    /// True if the row contains this text.
    pub fn says(&self, words: &str) -> bool {
        self.words.iter().any(|said| said.contains(words))
    }
}

/// The script that reads the rows of the tree at one moment.
const ROWS: &str = r#"
    return [...document.querySelectorAll("[role=tree] [role=treeitem]")].map((row) => {
        const [name, ...words] = row.innerText.split("\n").map((s) => s.trim()).filter(Boolean);
        return { level: Number(row.getAttribute("aria-level")), name, words };
    });
"#;

impl DrivenPage {
    /// Connects to the page of a program that was started with this inspector address.
    pub(crate) async fn attach(desktop: &impl DesktopSession, inspector: SocketAddr) -> Self {
        // One of the dependencies is built without a default crypto provider.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let dir = tempfile::tempdir().expect("a temporary directory");
        let port = Port::claim();
        let mut command = desktop.command(&program("WebKitWebDriver", &[]));
        command
            .arg(format!("--port={}", port.number()))
            .arg(format!("--target={inspector}"));
        let mut daemon = Daemon::spawn("WebKitWebDriver", &mut command, dir.path());
        daemon.wait_for_tcp(port.address());
        let url = format!("http://{}", port.address());
        let driver = eventually("a session with the page", async || {
            let session = WebDriver::builder(&url, Capabilities::new()).request_timeout(PATIENCE);
            session
                .await
                .inspect_err(|e| eprintln!("no session yet: {e}"))
                .ok()
        })
        .await;
        Self {
            driver,
            _daemon: daemon,
            _port: port,
            _dir: dir,
        }
    }

    /// The rows of the tree, from top to bottom.
    pub async fn rows(&self) -> Vec<AccessibleRow> {
        serde_json::from_value(self.run(ROWS).await).expect("rows of a tree")
    }

    /// The text of the whole page.
    pub async fn text(&self) -> String {
        let text = self.run("return document.body.innerText").await;
        text.as_str().unwrap_or_default().to_owned()
    }

    /// The text of the first element that matches the selector. `None` if there is none.
    pub async fn text_of(&self, css: &str) -> Option<String> {
        let css = serde_json::Value::from(css);
        let text = self
            .run(&format!("return document.querySelector({css})?.innerText"))
            .await;
        text.as_str().map(str::to_owned)
    }

    /// Waits until the page contains this text.
    pub async fn says(&self, words: &str) {
        eventually(format_args!("{words:?} on the page"), async || {
            self.text().await.contains(words).then_some(())
        })
        .await;
    }

    /// Waits for a row with that name and word, and returns it.
    pub async fn row(&self, name: &str, word: &str) -> AccessibleRow {
        eventually(
            format_args!("a row {name:?} that says {word:?}"),
            async || {
                let mut rows = self.rows().await.into_iter();
                rows.find(|row| row.name == name && row.word() == word)
            },
        )
        .await
    }

    /// Waits for an element that stands still, and clicks it. While the page is being filled, an
    /// element moves, and the click would go to what has taken its place.
    pub async fn click(&self, css: &str) {
        let element = self.wait_for(css).await;
        self.stands_still(&element, css).await;
        element
            .click()
            .await
            .unwrap_or_else(|e| panic!("cannot click {css}: {e}"));
    }

    /// Waits for an element that matches the selector and has this text, and clicks it.
    pub async fn click_text(&self, css: &str, text: &str) {
        let what = format!("{css} that says {text:?}");
        let wanted = [css, text].map(serde_json::Value::from);
        let script = format!(
            "return [...document.querySelectorAll({})]
                 .findIndex((element) => element.innerText.trim() === {})",
            wanted[0], wanted[1]
        );
        let element = eventually(format_args!("{what} on the page"), async || {
            let index = self.run(&script).await.as_u64()?;
            let mut all = self.driver.find_all(By::Css(css)).await.ok()?.into_iter();
            all.nth(usize::try_from(index).ok()?)
        })
        .await;
        self.stands_still(&element, &what).await;
        element
            .click()
            .await
            .unwrap_or_else(|e| panic!("cannot click {what}: {e}"));
    }

    /// Waits for an element that stands still, and returns the centre of what is seen of it, in pixels
    /// from the upper left corner of the page.
    pub async fn middle_of(&self, css: &str) -> (u32, u32) {
        let element = self.wait_for(css).await;
        self.stands_still(&element, css).await;
        let css = serde_json::Value::from(css);
        let script = format!(
            "const {{ left, top, width, height }} =
                 document.querySelector({css}).getBoundingClientRect();
             return [left + width / 2, top + height / 2].map(Math.round)"
        );
        serde_json::from_value(self.run(&script).await).expect("two numbers")
    }

    /// Waits for a field, and replaces its text.
    pub async fn fill(&self, css: &str, text: &str) {
        let element = self.wait_for(css).await;
        // Emptying it by the driver tells the page nothing.
        let field = serde_json::Value::from(css);
        let select = format!(
            "const field = document.querySelector({field});
             field.focus();
             field.select();"
        );
        self.run(&select).await;
        element
            .send_keys(text)
            .await
            .unwrap_or_else(|e| panic!("cannot type into {css}: {e}"));
    }

    /// Scrolls an element into the middle of what is seen, and waits until it stays where it is.
    async fn stands_still(&self, element: &WebElement, what: &str) {
        const PLACE: &str =
            "const { left, top, width, height } = arguments[0].getBoundingClientRect();
            return [left, top, width, height];";
        let run = async |script: &str| {
            let arguments = vec![element.to_json().ok()?];
            let done = self.driver.execute(script, arguments).await.ok()?;
            Some(done.json().clone())
        };
        run("arguments[0].scrollIntoView({ block: 'center' })").await;
        let mut before = None;
        eventually(format_args!("{what} stands still"), async || {
            let place = run(PLACE).await?;
            (before.replace(place.clone()) == Some(place)).then_some(())
        })
        .await;
    }

    /// Waits for a field, types into it, and presses Enter.
    pub async fn enter(&self, css: &str, text: &str) {
        let element = self.wait_for(css).await;
        element
            .send_keys(text + Key::Enter)
            .await
            .unwrap_or_else(|e| panic!("cannot type into {css}: {e}"));
    }

    /// Waits for an element.
    pub async fn wait_for(&self, css: &str) -> WebElement {
        eventually(format_args!("{css} on the page"), async || {
            self.driver.find(By::Css(css)).await.ok()
        })
        .await
    }

    /// The number of elements that match the selector.
    pub async fn count(&self, css: &str) -> usize {
        self.driver
            .find_all(By::Css(css))
            .await
            .unwrap_or_default()
            .len()
    }

    /// The number of pixels with that hue in the drawings of the first element that matches the
    /// selector.
    pub async fn painted(&self, css: &str, hue: Hue) -> usize {
        let css = serde_json::Value::from(css);
        let script = format!(
            "return [...document.querySelectorAll({css} + ' canvas')].flatMap((canvas) => [
                 ...canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data])"
        );
        let channels = serde_json::from_value::<Vec<u8>>(self.run(&script).await);
        let channels = channels.expect("the pixels of a canvas");
        let pixels = channels.chunks_exact(4).filter(|pixel| pixel[3] > 127);
        pixels
            .filter(|pixel| Hue::of([pixel[0], pixel[1], pixel[2]]) == Some(hue))
            .count()
    }

    /// Runs a script, which is the body of a function, and returns its value.
    pub async fn run(&self, script: &str) -> serde_json::Value {
        let done = self.driver.execute(script, Vec::new()).await;
        done.unwrap_or_else(|e| panic!("{e}: {script}"))
            .json()
            .clone()
    }
}

impl Drop for DrivenPage {
    fn drop(&mut self) {
        // Ending the session would close the page, while ending the driver leaves it open.
        let _ = self.driver.clone().leak();
    }
}
