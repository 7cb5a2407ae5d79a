//! The panel's page, read and pressed through `WebKitWebDriver`: by roles, labels and words, as a
//! person with a screen reader finds things.

use std::net::SocketAddr;
use std::time::Duration;

use serde::Deserialize;
use tempfile::TempDir;
use thirtyfour::prelude::*;

use super::{Desktop, eventually};
use crate::daemon::{Daemon, program};
use crate::port::Port;
use crate::screen::Hue;

/// How long the driver may take for one answer. It waits for ever for a page that never comes.
const PATIENCE: Duration = Duration::from_secs(30);

/// A page under a driver of its own.
#[derive(Debug)]
pub struct DrivenPage {
    driver: WebDriver,
    _daemon: Daemon,
    _port: Port,
    _dir: TempDir,
}

/// A row of the tree, as it is read out.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct AccessibleRow {
    /// How deep it is; the root is 1.
    pub level: u32,
    /// Its name.
    pub name: String,
    /// What stands behind the name: word, percent, duration, cause, as far as there are.
    pub words: Vec<String>,
}

impl AccessibleRow {
    /// Its word, such as `DOWN`.
    pub fn word(&self) -> &str {
        self.words.first().map_or("", String::as_str)
    }

    /// True when these words stand in it.
    pub fn says(&self, words: &str) -> bool {
        self.words.iter().any(|said| said.contains(words))
    }
}

/// The rows of the tree, read at one moment.
const ROWS: &str = r#"
    return [...document.querySelectorAll("[role=tree] [role=treeitem]")].map((row) => {
        const [name, ...words] = row.innerText.split("\n").map((s) => s.trim()).filter(Boolean);
        return { level: Number(row.getAttribute("aria-level")), name, words };
    });
"#;

impl DrivenPage {
    /// Takes over the page of a program that was started with this inspector address.
    pub(crate) async fn attach(desktop: &Desktop, inspector: SocketAddr) -> Self {
        // One of the crates beneath is built without a choice of its own.
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

    /// The rows of the tree, from the top.
    pub async fn rows(&self) -> Vec<AccessibleRow> {
        serde_json::from_value(self.run(ROWS).await).expect("rows of a tree")
    }

    /// Everything to read on the page.
    pub async fn text(&self) -> String {
        let text = self.run("return document.body.innerText").await;
        text.as_str().unwrap_or_default().to_owned()
    }

    /// What can be read in the first element of that selector; `None` without one.
    pub async fn text_of(&self, css: &str) -> Option<String> {
        let css = serde_json::Value::from(css);
        let text = self
            .run(&format!("return document.querySelector({css})?.innerText"))
            .await;
        text.as_str().map(str::to_owned)
    }

    /// Waits until these words stand somewhere on the page.
    pub async fn says(&self, words: &str) {
        eventually(format_args!("{words:?} on the page"), async || {
            self.text().await.contains(words).then_some(())
        })
        .await;
    }

    /// Waits for a row of that name with that word, and returns it.
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

    /// Waits for an element, and clicks it.
    pub async fn click(&self, css: &str) {
        let element = self.wait_for(css).await;
        element
            .click()
            .await
            .unwrap_or_else(|e| panic!("cannot click {css}: {e}"));
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

    /// How many elements have that selector.
    pub async fn count(&self, css: &str) -> usize {
        self.driver
            .find_all(By::Css(css))
            .await
            .unwrap_or_default()
            .len()
    }

    /// How many pixels of that hue the drawings in the first element of that selector have.
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

    /// What a script returns; it is the body of a function.
    pub async fn run(&self, script: &str) -> serde_json::Value {
        let done = self.driver.execute(script, Vec::new()).await;
        done.unwrap_or_else(|e| panic!("{e}: {script}"))
            .json()
            .clone()
    }
}

impl Drop for DrivenPage {
    fn drop(&mut self) {
        // Ending the session would close the page; the driver's end leaves it alone.
        let _ = self.driver.clone().leak();
    }
}
