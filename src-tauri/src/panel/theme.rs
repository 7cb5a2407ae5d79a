//! Whether the desktop wants dark windows: its settings portal knows, and GTK 3 does not ask it.

use std::time::Duration;

use tauri::Theme;
use zbus::proxy::MethodFlags;
use zbus::zvariant::OwnedValue;
use zbus::{Connection, Proxy};

/// A panel does not wait longer than this for its colours.
const PATIENCE: Duration = Duration::from_millis(300);
/// The portal's word for "prefers dark".
const DARK: u32 = 1;

/// Dark when the desktop says so; else `None`, and the GTK theme decides.
pub(super) async fn wanted() -> Option<Theme> {
    let dark = tokio::time::timeout(PATIENCE, color_scheme())
        .await
        .ok()?
        .ok()?
        == DARK;
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
    // A portal that does not run yet has nothing to say that is worth starting it for.
    let asked = ("org.freedesktop.appearance", "color-scheme");
    let answer: Option<OwnedValue> = portal
        .call_with_flags("Read", MethodFlags::NoAutoStart.into(), &asked)
        .await?;
    let answer = answer.ok_or(zbus::Error::InvalidReply)?;
    // `Read` wraps its answer in one more variant than it should; `ReadOne` is not everywhere.
    Ok(answer.downcast_ref::<u32>()?)
}
