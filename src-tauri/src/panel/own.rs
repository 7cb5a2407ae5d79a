//! Restricts the panel's window to its own pages. No link, script or dropped file can navigate it
//! away, open a window or download a file: a foreign page could send commands to Up.

use tauri::webview::{DownloadEvent, NewWindowResponse};
use tauri::{Runtime, Url, WebviewWindowBuilder};

/// The scheme and host under which tauri serves the panel's pages. Windows has no custom schemes in
/// URLs, so that tauri uses a host name there.
const OWN: (&str, &str) = if cfg!(windows) {
    ("http", "tauri.localhost")
} else {
    ("tauri", "localhost")
};

/// Restricts a window to the panel's pages.
pub(super) fn restrict<R: Runtime, M: tauri::Manager<R>>(
    window: WebviewWindowBuilder<'_, R, M>,
) -> WebviewWindowBuilder<'_, R, M> {
    // Dropped files go to tauri's handler, which is on by default, and not to the page.
    window
        .on_navigation(is_own)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_download(|_, event| !matches!(event, DownloadEvent::Requested { .. }))
}

fn is_own(url: &Url) -> bool {
    let (scheme, host) = OWN;
    url.scheme() == scheme
        && url.host_str() == Some(host)
        && url.port().is_none()
        && url.username().is_empty()
        && url.password().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_panels_pages_are_its_own() {
        let check = |url: &str, expected: bool| {
            let parsed: Url = url.parse().expect("a URL");
            assert_eq!(is_own(&parsed), expected, "{url}");
        };
        let own = format!("{}://{}", OWN.0, OWN.1);
        check(&format!("{own}/index.html"), true);
        check(&format!("{own}/"), true);
        check(&format!("{own}/index.html?theme=dark#/R"), true);
        check(&format!("{own}:8080/"), false);
        check(&format!("{}://me@{}/", OWN.0, OWN.1), false);
        check(&format!("{}://{}.example.org/", OWN.0, OWN.1), false);
        check(&format!("{}://example.org/", OWN.0), false);
        check(&format!("https://{}/", OWN.1), false);
        check("https://example.org/", false);
        check("http://127.0.0.1/", false);
        check("file:///etc/passwd", false);
        check("about:blank", false);
        check("data:text/html,hello", false);
        check("javascript:alert(1)", false);
        check("blob:null/4c0c", false);
        check("ipc://localhost/ask", false);
    }
}
