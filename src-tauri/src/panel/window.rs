//! The window itself: it is made with the size, the place and the text that a person gave it.

use std::time::Instant;

use tauri::image::Image;
use tauri::{
    AppHandle, LogicalSize, Manager, PhysicalPosition, WebviewUrl, WebviewWindow,
    WebviewWindowBuilder,
};
use up_files::private;
use up_wire::ZoomStep;

use super::place::{WorkArea, nearest, place, within_area};
use super::{LABEL, Panel, own, panel};
use crate::action::ScreenPoint;
use crate::platform::{self, MIN_SIZE, Placement};
use crate::state::{AppState, up};
use crate::tray::look::IconFace;
use crate::tray::{face, icon};
use crate::window_memory::Remembered;

/// The initial size of the window, in logical pixels.
const SIZE: (f64, f64) = (420.0, 640.0);
/// The width and height of its icon, in pixels.
const ICON: u32 = 64;
/// A window that is farther than this from where it was put was moved by a person, in pixels. A
/// window manager moves it by the frame that it adds.
const MOVED: u32 = 40;

/// A size that the window was given for its text.
#[derive(Clone, Copy, Debug)]
pub(super) struct FittedSize {
    pub since: Instant,
    pub given: LogicalSize<f64>,
    /// The size that it would have without zoom.
    pub usual: LogicalSize<f64>,
}

/// The face of the window's icon, which is the tray's.
pub(crate) fn face(up: &AppState) -> IconFace {
    face::now(up).look
}

/// Sets the window's icon, which the desktop shows in the title bar, task list and switcher.
pub(crate) fn set_icon(app: &AppHandle, face: IconFace) {
    if let Some(window) = app.get_webview_window(LABEL) {
        // Setting it fails only when the window is gone.
        let _ = window.set_icon(picture(face));
    }
}

fn picture(face: IconFace) -> Image<'static> {
    Image::new_owned(icon::rgba(face, ICON), ICON, ICON)
}

/// Makes the window, which is not shown yet.
pub(super) fn build(app: &AppHandle, placement: Placement) -> tauri::Result<WebviewWindow> {
    // The web view keeps files in this folder, and their permissions depend on the umask.
    private::folder(&app.path().app_local_data_dir()?)?;
    let page = WebviewUrl::App("index.html".into());
    let size = chosen_size(app, placement).unwrap_or(SIZE);
    let window = own::restrict(WebviewWindowBuilder::new(app, LABEL, page))
        .title("Up")
        .icon(picture(face(up(app))))?
        .inner_size(size.0.max(MIN_SIZE.0), size.1.max(MIN_SIZE.1))
        .min_inner_size(MIN_SIZE.0, MIN_SIZE.1)
        .maximizable(false)
        .visible(false)
        .build()?;
    platform::prepare(&window, placement)?;
    Ok(window)
}

/// The size that a person gave the window. One that is kept at an edge of the screen cannot be
/// given another.
fn chosen_size(app: &AppHandle, placement: Placement) -> Option<(f64, f64)> {
    let chosen = up(app).window.get().size;
    chosen.filter(|_| placement != Placement::Anchored)
}

/// Gives the page the size of text that a person chose, and the system's wish for contrast. Returns
/// how much larger than usual all text is; the web view follows the system's size of fonts itself.
pub(super) fn apply_text(app: &AppHandle, window: &WebviewWindow) -> tauri::Result<f64> {
    let system = platform::text_wishes(window);
    let zoom = f64::from(up(app).window.get().zoom) / 100.0;
    window.set_zoom(zoom)?;
    window.eval(contrast_script(
        system.more_contrast || panel(app).more_contrast(),
    ))?;
    Ok(zoom * system.scale)
}

/// The script that tells the page that the system wants more contrast. Where the shell does not know
/// of such a wish, the page follows what its web view knows.
fn contrast_script(is_wanted: bool) -> String {
    format!(
        "document.documentElement.dataset.contrast =
             {is_wanted} || matchMedia('(prefers-contrast: more)').matches ? 'more' : ''"
    )
}

/// Makes a new window as large as its text needs, unless a person chose its size.
pub(super) fn fit_text(app: &AppHandle, window: &WebviewWindow, zoom: f64) -> tauri::Result<()> {
    let is_chosen = chosen_size(app, panel(app).placement()).is_some();
    if is_chosen || (zoom - 1.0).abs() < f64::EPSILON {
        return Ok(());
    }
    grow(panel(app), window, (1.0, zoom))
}

/// Makes the text larger or smaller, and the window with it as far as the screen has room.
pub(crate) fn zoom(app: &AppHandle, step: ZoomStep) -> tauri::Result<()> {
    let before = up(app).window.get().zoom;
    let after = up(app).window.change(|now| now.zoomed(step)).zoom;
    let Some(window) = app.get_webview_window(LABEL).filter(|_| before != after) else {
        return Ok(());
    };
    apply_text(app, &window)?;
    let zooms = (f64::from(before) / 100.0, f64::from(after) / 100.0);
    grow(panel(app), &window, zooms)
}

/// Makes a window for text of the first zoom as large as text of the second one needs, as far as the
/// screen has room.
fn grow(panel: &Panel, window: &WebviewWindow, zooms: (f64, f64)) -> tauri::Result<()> {
    let scale = window.scale_factor()?;
    let size = window.inner_size()?.to_logical::<f64>(scale);
    let size = panel.resizing().unwrap_or(size);
    let usual = usual_size(size, zooms.0, panel.grown());
    let monitor = window.current_monitor()?.or(window.primary_monitor()?);
    let room = monitor.map_or((LARGEST, LARGEST), |monitor| {
        let room = monitor.work_area().size.to_logical::<f64>(scale);
        (
            room.width - 2.0 * MARGIN,
            room.height - FRAME - 2.0 * MARGIN,
        )
    });
    let scaled = |length: f64, least: f64, most: f64| (length * zooms.1).min(most).max(least);
    let size = LogicalSize::new(
        scaled(usual.width, MIN_SIZE.0, room.0),
        scaled(usual.height, MIN_SIZE.1, room.1),
    );
    panel.resize(size, usual);
    if panel.placement() == Placement::Anchored {
        platform::require_size(window, size)
    } else {
        window.set_size(size)
    }
}

/// The size that a window would have without zoom. One that still has the size of the last zoom has
/// it from then: the screen may have had no room for all of it.
fn usual_size(size: LogicalSize<f64>, zoom: f64, grown: Option<FittedSize>) -> LogicalSize<f64> {
    let is_near = |a: f64, b: f64| (a - b).abs() <= ROUNDING;
    let kept = grown.filter(|FittedSize { given, .. }| {
        is_near(given.width, size.width) && is_near(given.height, size.height)
    });
    kept.map_or_else(
        || LogicalSize::new(size.width / zoom, size.height / zoom),
        |FittedSize { usual, .. }| usual,
    )
}

/// How far sizes may differ that are the same to a person, in logical pixels.
const ROUNDING: f64 = 2.0;
/// The distance to the edges of the screen, and the height of a title bar, in logical pixels.
const MARGIN: f64 = 8.0;
const FRAME: f64 = 32.0;
/// The largest side of a window on a screen of unknown size, in logical pixels.
const LARGEST: f64 = 4_096.0;

/// Moves the window to where a person left it, or else near `spot`, or else near the pointer.
/// Returns its upper left corner; `None` if there is no screen there, or the compositor places it.
pub(super) fn move_to(
    app: &AppHandle,
    window: &WebviewWindow,
    spot: Option<ScreenPoint>,
) -> tauri::Result<Option<(i32, i32)>> {
    match panel(app).placement() {
        Placement::Moved => {}
        Placement::Anchored => {
            let click = match spot {
                Some(spot) => monitor_at(window, spot)?.map(|(area, _)| (spot, area)),
                None => None,
            };
            platform::anchor(window, nearest(click))?;
            return Ok(None);
        }
        Placement::Floating => return Ok(None),
    }
    let kept = up(app).window.get().position;
    let kept = kept.map(|(x, y)| ScreenPoint { x, y });
    let spot = match (kept, spot) {
        (Some(kept), _) if monitor_at(window, kept)?.is_some() => kept,
        (_, Some(spot)) => spot,
        _ => {
            let pointer = window.cursor_position()?;
            ScreenPoint {
                x: pointer.x as i32,
                y: pointer.y as i32,
            }
        }
    };
    let Some((area, scale)) = monitor_at(window, spot)? else {
        return Ok(None);
    };
    // A window manager adds the frame later, so that the outer size is not known yet.
    let size = window.inner_size()?;
    let size = (size.width.cast_signed(), size.height.cast_signed());
    let at = if kept == Some(spot) {
        within_area(spot, size, area)
    } else {
        place(spot, size, area, scale)
    };
    window.set_position(PhysicalPosition::new(at.x, at.y))?;
    Ok(Some((at.x, at.y)))
}

/// The work area and scale of the monitor at a point.
fn monitor_at(window: &WebviewWindow, spot: ScreenPoint) -> tauri::Result<Option<(WorkArea, f64)>> {
    let monitor = window.monitor_from_point(f64::from(spot.x), f64::from(spot.y))?;
    Ok(monitor.map(|monitor| {
        let work = monitor.work_area();
        let area = WorkArea {
            left: work.position.x,
            top: work.position.y,
            width: work.size.width.cast_signed(),
            height: work.size.height.cast_signed(),
        };
        (area, monitor.scale_factor())
    }))
}

/// Where the window is, in pixels of the desktop.
fn position(window: &WebviewWindow) -> Option<(i32, i32)> {
    let at = window.outer_position().ok()?;
    Some((at.x, at.y))
}

/// Keeps the size of the shown window, and its place if a person moved it.
pub(crate) fn remember(app: &AppHandle) {
    let Some(window) = app.get_webview_window(LABEL) else {
        return;
    };
    let placement = panel(app).placement();
    if !window.is_visible().unwrap_or(false) || placement == Placement::Anchored {
        return;
    }
    let scale = window.scale_factor().unwrap_or(1.0);
    let size = window.inner_size().ok().map(|size| {
        let size = size.to_logical::<f64>(scale);
        (size.width, size.height)
    });
    let moved = panel(app).asked().zip(position(&window));
    let moved = moved.filter(|(asked, now)| is_moved(*asked, *now));
    up(app).window.change(|kept| Remembered {
        size: size.or(kept.size),
        position: moved.map(|(_, now)| now).or(kept.position),
        ..kept
    });
}

/// True if a window is not where it was put.
fn is_moved(asked: (i32, i32), now: (i32, i32)) -> bool {
    asked.0.abs_diff(now.0) > MOVED || asked.1.abs_diff(now.1) > MOVED
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zoom_and_back_gives_a_window_its_size_again() {
        let check =
            |size: (f64, f64), zoom: f64, grown: Option<FittedSize>, expected: (f64, f64)| {
                let usual = usual_size(size.into(), zoom, grown);
                assert_eq!(usual, LogicalSize::from(expected), "{size:?} at {zoom}");
            };
        check((420.0, 640.0), 1.0, None, (420.0, 640.0));
        check((840.0, 1_280.0), 2.0, None, (420.0, 640.0));
        // The screen had no room for twice the height.
        let grown = FittedSize {
            since: Instant::now(),
            given: (2_400.0, 960.0).into(),
            usual: (1_200.0, 860.0).into(),
        };
        check((2_400.0, 960.0), 2.0, Some(grown), (1_200.0, 860.0));
        check((2_399.0, 961.5), 2.0, Some(grown), (1_200.0, 860.0));
        // A person gave it another size since.
        check((2_000.0, 800.0), 2.0, Some(grown), (1_000.0, 400.0));
    }
}
