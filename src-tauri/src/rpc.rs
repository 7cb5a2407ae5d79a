//! Answers the panel's requests. A page may send anything, so that every request is checked and
//! bounded here, and nothing panics.

use tauri::AppHandle;
use up_engine::Command;
use up_wire::{PanelRequest, PanelResponse, ZoomStep};

use crate::path::{check_path, no_such};
use crate::push::pushed;
use crate::state::{AppState, up};
use crate::{
    autostart, edit, long_past, measured, notes, open, panel, past, past_incidents, preferences,
    rows, save, spread, steer,
};

/// The only command of the application.
#[tauri::command]
pub(crate) async fn request(request: PanelRequest, app: AppHandle) -> PanelResponse {
    let answered = answer(request, &app).await;
    answered.unwrap_or_else(PanelResponse::Failed)
}

async fn answer(request: PanelRequest, app: &AppHandle) -> Result<PanelResponse, String> {
    let up = up(app);
    let done = match request {
        PanelRequest::Tree => return Ok(tree(app, up)),
        PanelRequest::Source { path } => return source(up, &path),
        PanelRequest::History { path, from, to } => return past::history(up, path, from, to).await,
        PanelRequest::Incidents {
            path,
            from,
            to,
            before,
            search,
        } => {
            return past_incidents::incidents(up, path, (from, to), before, search).await;
        }
        PanelRequest::LongView { path, utc } => return long_past::long_view(up, path, utc).await,
        PanelRequest::Uptimes { paths, days } => {
            return long_past::uptimes(up, paths, &days).await;
        }
        PanelRequest::Overview { from, to } => return long_past::overview(up, from, to).await,
        PanelRequest::Bands { paths, from, to } => {
            return spread::bands(up, paths, from, to).await;
        }
        PanelRequest::Metrics { path, from, to } => {
            return measured::metrics(up, path, from, to).await;
        }
        PanelRequest::Export {
            path,
            from,
            to,
            format,
        } => return save::export(app, path, (from, to), format).await,
        PanelRequest::SavePicture {
            path,
            from,
            to,
            png,
        } => return save::picture(app, &path, (from, to), &png),
        PanelRequest::SaveShown {
            path,
            from,
            to,
            format,
            text,
        } => return save::shown(app, &path, (from, to), format, &text),
        PanelRequest::NoteEdits { since } => return notes::edits(up, since).await,
        PanelRequest::HistoryWork { path } => return past::work(up, &path).await,
        PanelRequest::CheckNow { path } => check_now(up, path),
        PanelRequest::EditNotes { edit } => notes::edit(up, edit),
        PanelRequest::Control { control } => steer::from_panel(up, control),
        PanelRequest::Mood { mood } => preferences::choose(up, rows::mood_of_wire(mood)),
        PanelRequest::Open { path } => open::address(up, &path).await,
        PanelRequest::OpenConfig => edit::open(&up.config).await,
        PanelRequest::Ready => {
            panel::on_page_drawn(app);
            Ok(())
        }
        PanelRequest::Zoom { step } => zoom(app, step).await,
        PanelRequest::Pin { pinned } => {
            panel::pin(app, pinned);
            Ok(())
        }
        PanelRequest::StartAtLogin { on } => {
            let turned = autostart::turn(on, &up.config).map_err(|failure| failure.to_string());
            up.read_starts_at_login();
            turned
        }
        PanelRequest::Hide => {
            panel::hide(app);
            Ok(())
        }
    };
    done.map(|()| PanelResponse::Done)
}

/// Makes the text larger or smaller, on a thread that may wait for the main thread.
async fn zoom(app: &AppHandle, step: ZoomStep) -> Result<(), String> {
    let app = app.clone();
    let zoomed = tokio::task::spawn_blocking(move || panel::zoom(&app, step)).await;
    zoomed
        .map_err(|error| error.to_string())?
        .map_err(|error| error.to_string())
}

fn tree(app: &AppHandle, up: &AppState) -> PanelResponse {
    up.read_starts_at_login();
    let (tree, revision) = up.view.read(|known| {
        let tree = rows::tree(known, rows::header_now(up, known));
        (tree, known.world.revision())
    });
    pushed(app).tree(&tree, revision);
    panel::panel(app).on_page_ready(app);
    PanelResponse::Tree(tree)
}

fn source(up: &AppState, path: &str) -> Result<PanelResponse, String> {
    check_path(path)?;
    up.view
        .read(|known| rows::source(known, path))
        .map(|source| PanelResponse::Source(Box::new(source)))
        .ok_or_else(|| no_such(path))
}

fn check_now(up: &AppState, path: Option<String>) -> Result<(), String> {
    if let Some(path) = &path {
        check_path(path)?;
        let known = up
            .view
            .read(|known| known.world.outline().find(path).is_some());
        if !known {
            return Err(no_such(path));
        }
    }
    up.command(Command::CheckNow(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_begins_with_a_slash_and_ends_somewhere() {
        assert!(check_path("/Root/a").is_ok());
        assert!(check_path("Root").is_err());
        assert!(check_path("").is_err());
        assert!(check_path(&"/a".repeat(crate::path::MAX_PATH)).is_err());
    }
}
