//! URLs: which can be requested, and how they are shown without secrets.

use url::Url;

use crate::ConfigProblem;

/// Parses `text` as an http or https URL with a host. An error names `key`.
pub(crate) fn web_url(key: &'static str, text: &str) -> Result<Url, ConfigProblem> {
    let help = "write one like \"https://example.com/\"";
    let url = Url::parse(text)
        .map_err(|e| ConfigProblem::new(key, format!("this is no usable URL: {e}")).help(help))?;
    if !matches!(url.scheme(), "http" | "https") {
        let message = format!(
            "only http and https URLs can be requested, not {}:",
            url.scheme()
        );
        return Err(ConfigProblem::new(key, message).help(help));
    }
    if !is_requestable(&url) {
        return Err(
            ConfigProblem::new(key, "this URL has characters that a request cannot hold")
                .help(help),
        );
    }
    Ok(url)
}

/// True when `url` is an http or https URL that can be sent. (A URL may hold characters, such as
/// `{`, that a request line may not.)
pub(super) fn is_requestable(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.as_str().parse::<hyper::Uri>().is_ok()
}

/// Checks a proxy's URL. The error does not quote it, as it may hold a password.
pub(super) fn check_proxy(text: &str) -> Result<(), ConfigProblem> {
    let schemes = ["http", "https", "socks5", "socks5h"];
    match Url::parse(text) {
        Ok(url) if schemes.contains(&url.scheme()) && url.has_host() => Ok(()),
        _ => Err(ConfigProblem::new("proxy", "this is no URL of a proxy")
            .help("write one like \"http://proxy.example:3128\" or \"socks5h://127.0.0.1:1080\"")),
    }
}

/// `url` for display: without user, password and fragment, and with `…` for each query value.
pub(crate) fn shown(url: &Url) -> String {
    let mut shown = url.clone();
    shown.set_fragment(None);
    // Both calls fail only for URLs without a host, and web URLs have one.
    let _ = shown.set_username("");
    let _ = shown.set_password(None);
    let Some(query) = url.query() else {
        return shown.into();
    };
    shown.set_query(None);
    let names = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) => format!("{name}=…"),
        // A query without `=` may itself be a secret key.
        None => "…".to_owned(),
    });
    format!("{shown}?{}", names.collect::<Vec<_>>().join("&"))
}
