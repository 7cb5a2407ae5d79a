//! URLs: which can be asked, and how they are shown.

use url::Url;

use crate::ConfigProblem;

/// `text` as an http or https URL with a host; the problem names `key`.
pub(crate) fn web_url(key: &'static str, text: &str) -> Result<Url, ConfigProblem> {
    let help = "write one like \"https://example.com/\"";
    let url = Url::parse(text)
        .map_err(|e| ConfigProblem::new(key, format!("this is no usable URL: {e}")).help(help))?;
    if !matches!(url.scheme(), "http" | "https") {
        let message = format!(
            "only http and https URLs can be asked, not {}:",
            url.scheme()
        );
        return Err(ConfigProblem::new(key, message).help(help));
    }
    if !is_askable(&url) {
        return Err(ConfigProblem::new(key, "this URL's host cannot be asked").help(help));
    }
    Ok(url)
}

/// True of http and https URLs whose every part can be sent. (A URL may hold characters, such as
/// `{`, that a request line may not.)
pub(super) fn is_askable(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.as_str().parse::<hyper::Uri>().is_ok()
}

/// Checks a proxy's URL, which is a secret for the password that may be in it.
pub(super) fn check_proxy(text: &str) -> Result<(), ConfigProblem> {
    let schemes = ["http", "https", "socks5", "socks5h"];
    match Url::parse(text) {
        Ok(url) if schemes.contains(&url.scheme()) && url.has_host() => Ok(()),
        _ => Err(ConfigProblem::new("proxy", "this is no URL of a proxy")
            .help("write one like \"http://proxy.example:3128\" or \"socks5h://127.0.0.1:1080\"")),
    }
}

/// `url` as it may be shown: no user, no password, no fragment, and `…` for each query value.
pub(crate) fn shown(url: &Url) -> String {
    let mut shown = url.clone();
    shown.set_fragment(None);
    // Both only fail for URLs that can have no host, and web URLs have one.
    let _ = shown.set_username("");
    let _ = shown.set_password(None);
    let Some(query) = url.query() else {
        return shown.into();
    };
    shown.set_query(None);
    let names = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) => format!("{name}=…"),
        // A lone word may be a key as well as a name.
        None => "…".to_owned(),
    });
    format!("{shown}?{}", names.collect::<Vec<_>>().join("&"))
}
