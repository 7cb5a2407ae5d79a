//! Reads from the desktop's settings portal whether it prefers dark windows and more contrast. GTK 3
//! does not.

use std::time::Duration;

use tauri::Theme;
use zbus::proxy::MethodFlags;
use zbus::zvariant::OwnedValue;
use zbus::{Connection, Proxy};

/// How long the panel waits for the portal.
const PORTAL_TIMEOUT: Duration = Duration::from_millis(300);
/// The value of `color-scheme` for "prefers dark".
const PREFER_DARK: u32 = 1;
/// The value of `contrast` for "more contrast".
const MORE_CONTRAST: u32 = 1;

/// What the desktop prefers of windows.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Appearance {
    /// Dark when the desktop prefers that; else `None`, and the GTK theme decides.
    pub(super) theme: Option<Theme>,
    /// True for more contrast than usual. When false, the GTK theme may still ask for it.
    pub(super) more_contrast: bool,
}

/// What the portal says, as far as it answers in time.
pub(super) async fn preferred() -> Appearance {
    let both = async {
        let session = Connection::session().await.ok()?;
        Some(tokio::join!(
            setting(&session, "color-scheme"),
            setting(&session, "contrast"),
        ))
    };
    let answer = tokio::time::timeout(PORTAL_TIMEOUT, both).await;
    let Ok(Some((scheme, contrast))) = answer else {
        return Appearance::default();
    };
    Appearance {
        theme: (scheme.ok() == Some(PREFER_DARK)).then_some(Theme::Dark),
        more_contrast: contrast.ok() == Some(MORE_CONTRAST),
    }
}

async fn setting(session: &Connection, key: &str) -> zbus::Result<u32> {
    let portal = Proxy::new(
        session,
        "org.freedesktop.portal.Desktop",
        "/org/freedesktop/portal/desktop",
        "org.freedesktop.portal.Settings",
    )
    .await?;
    // A portal that does not run yet is not started for this.
    let setting = ("org.freedesktop.appearance", key);
    let answer: Option<OwnedValue> = portal
        .call_with_flags("Read", MethodFlags::NoAutoStart.into(), &setting)
        .await?;
    let answer = answer.ok_or(zbus::Error::InvalidReply)?;
    // `Read` wraps its reply in one variant too many; `ReadOne` is not available everywhere.
    Ok(answer.downcast_ref::<u32>()?)
}
