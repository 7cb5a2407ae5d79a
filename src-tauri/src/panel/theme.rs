//! Reads from the desktop's settings portal whether it prefers dark windows. GTK 3 does not.

use std::time::Duration;

use tauri::Theme;
use zbus::proxy::MethodFlags;
use zbus::zvariant::OwnedValue;
use zbus::{Connection, Proxy};

/// How long the panel waits for the portal.
const PORTAL_TIMEOUT: Duration = Duration::from_millis(300);
/// The value of `color-scheme` for "prefers dark".
const PREFER_DARK: u32 = 1;

/// Dark when the desktop prefers that; else `None`, and the GTK theme decides.
pub(super) async fn preferred() -> Option<Theme> {
    let dark = tokio::time::timeout(PORTAL_TIMEOUT, color_scheme())
        .await
        .ok()?
        .ok()?
        == PREFER_DARK;
    dark.then_some(Theme::Dark)
}

async fn color_scheme() -> zbus::Result<u32> {
    let portal = Proxy::new(
        &Connection::session().await?,
        "org.freedesktop.portal.Desktop",
        "/org/freedesktop/portal/desktop",
        "org.freedesktop.portal.Settings",
    )
    .await?;
    // A portal that does not run yet is not started for this.
    let setting = ("org.freedesktop.appearance", "color-scheme");
    let answer: Option<OwnedValue> = portal
        .call_with_flags("Read", MethodFlags::NoAutoStart.into(), &setting)
        .await?;
    let answer = answer.ok_or(zbus::Error::InvalidReply)?;
    // `Read` wraps its reply in one variant too many; `ReadOne` is not available everywhere.
    Ok(answer.downcast_ref::<u32>()?)
}
