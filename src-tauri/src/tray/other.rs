//! The tray on macOS and Windows, through tauri. Its menu and icon may be changed only on the main
//! thread.

use std::sync::Arc;
use std::time::Duration;

use tauri::image::Image;
use tauri::menu::{CheckMenuItem, Menu, MenuItem, PredefinedMenuItem, Submenu};
use tauri::tray::{MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent};
use tauri::{AppHandle, Wry};
use up_core::Mood;

use super::face::{self, Face};
use super::icon;
use crate::action::{Action, Actions, BulkAction, ScreenPoint};
use crate::state::AppState;

/// The least time between two changes of the icon.
const MIN_INTERVAL: Duration = Duration::from_millis(250);
/// The width and height of the icon in points. An icon that is drawn in the size in which it is
/// shown has a sharp number and ring.
const SIDE: f64 = if cfg!(windows) { 16.0 } else { 22.0 };

/// Puts the icon into the tray and updates it as long as the application runs.
pub(crate) fn start(app: &AppHandle, up: &Arc<AppState>, actions: Actions) {
    let face = face::now(up);
    match build(app, &face, actions) {
        Ok(tray) => drop(tokio::spawn(keep_updated(
            app.clone(),
            Arc::clone(up),
            tray,
            face,
        ))),
        Err(error) => {
            let text = format!("The tray cannot be used: {error}");
            up.problems.set_tray(Some(&text));
        }
    }
}

fn build(app: &AppHandle, face: &Face, actions: Actions) -> tauri::Result<TrayIcon> {
    let clicked = actions.clone();
    TrayIconBuilder::with_id("up")
        .icon(image(app, face))
        .tooltip(tooltip(face))
        .menu(&menu(app, face)?)
        .show_menu_on_left_click(false)
        .on_menu_event(move |_, event| {
            if let Some(action) = action(event.id().as_ref()) {
                actions.send(action);
            }
        })
        .on_tray_icon_event(move |_, event| {
            if let TrayIconEvent::Click {
                button: MouseButton::Left,
                button_state: MouseButtonState::Up,
                position,
                ..
            } = event
            {
                let spot = ScreenPoint {
                    x: position.x as i32,
                    y: position.y as i32,
                };
                clicked.send(Action::Toggle(Some(spot)));
            }
        })
        .build(app)
}

async fn keep_updated(app: AppHandle, up: Arc<AppState>, tray: TrayIcon, mut shown: Face) {
    let (mut changes, mut problems) = (up.view.news(), up.problems.changes());
    loop {
        let face = face::now(&up);
        if face != shown {
            shown = face.clone();
            let (handle, tray) = (app.clone(), tray.clone());
            // This fails only while the application ends.
            let _ = app.run_on_main_thread(move || {
                if let Err(error) = show(&handle, &tray, &face) {
                    eprintln!("up-tray: the tray icon cannot be changed: {error}");
                }
            });
        }
        tokio::select! {
            next = changes.changed() => if next.is_err() { break },
            () = problems.next() => {}
        }
        tokio::time::sleep(MIN_INTERVAL).await;
    }
}

fn show(app: &AppHandle, tray: &TrayIcon, face: &Face) -> tauri::Result<()> {
    tray.set_icon(Some(image(app, face)))?;
    tray.set_tooltip(Some(tooltip(face)))?;
    tray.set_menu(Some(menu(app, face)?))
}

fn image(app: &AppHandle, face: &Face) -> Image<'static> {
    let monitor = app.primary_monitor().ok().flatten();
    let scale = monitor.map_or(2.0, |monitor| monitor.scale_factor());
    let side = (SIDE * scale).round() as u32;
    Image::new_owned(icon::rgba(face.look, side), side, side)
}

fn tooltip(face: &Face) -> String {
    let lines = std::iter::once(&face.title).chain(&face.lines);
    lines.map(String::as_str).collect::<Vec<_>>().join("\n")
}

/// Prefixes of menu items' ids. A path, a mood or the name of an action follows.
const SHOW: &str = "show:";
const MOOD: &str = "mood:";
const ALL: &str = "all:";

fn action(id: &str) -> Option<Action> {
    if let Some(path) = id.strip_prefix(SHOW) {
        return Some(Action::Panel(Some(path.into())));
    }
    if let Some(mood) = id.strip_prefix(MOOD) {
        return mood.parse().ok().map(Action::Mood);
    }
    if let Some(name) = id.strip_prefix(ALL) {
        return BulkAction::of(name).map(Action::All);
    }
    Some(match id {
        "panel" => Action::Panel(None),
        "check" => Action::CheckNow,
        "note" => Action::Note,
        "config" => Action::OpenConfig,
        "quit" => Action::Quit,
        _ => return None,
    })
}

fn menu(app: &AppHandle, face: &Face) -> tauri::Result<Menu<Wry>> {
    let item = |id: &str, text: &str, enabled| {
        // An ampersand would mark an access key.
        MenuItem::with_id(app, id, text.replace('&', "&&"), enabled, None::<&str>)
    };
    let menu = Menu::new(app)?;
    menu.append(&item("status", &face.title, false)?)?;
    for worst in &face.worst {
        menu.append(&item(&format!("{SHOW}{}", worst.path), &worst.line, true)?)?;
    }
    if let Some(more) = face::more(face.more) {
        menu.append(&item("panel", &more, true)?)?;
    }
    menu.append(&PredefinedMenuItem::separator(app)?)?;
    menu.append(&item("panel", "Open panel", true)?)?;
    let check = if face.checking {
        "Checking…"
    } else {
        "Check now"
    };
    menu.append(&item("check", check, !face.checking)?)?;
    if !face.all.is_empty() {
        menu.append(&PredefinedMenuItem::separator(app)?)?;
    }
    for (text, all) in &face.all {
        menu.append(&item(&format!("{ALL}{}", all.name()), text, true)?)?;
    }
    menu.append(&PredefinedMenuItem::separator(app)?)?;
    let moods = Submenu::new(app, "Mood", true)?;
    for mood in Mood::ALL {
        let id = format!("{MOOD}{}", mood.name());
        let checked = mood == face.mood;
        let text = super::title_of(mood);
        moods.append(&CheckMenuItem::with_id(
            app,
            id,
            text,
            true,
            checked,
            None::<&str>,
        )?)?;
    }
    menu.append(&moods)?;
    menu.append(&item("note", "Add note…", true)?)?;
    menu.append(&item("config", "Open configuration", true)?)?;
    menu.append(&PredefinedMenuItem::separator(app)?)?;
    menu.append(&item("quit", "Quit", true)?)?;
    Ok(menu)
}
