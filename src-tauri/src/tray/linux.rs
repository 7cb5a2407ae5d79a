//! The tray on Linux, as a StatusNotifierItem through ksni: tauri's tray does not report left
//! clicks or their position there, and has no tooltip. The icon appears as soon as a tray host
//! does.

use std::sync::Arc;
use std::time::Duration;

use ksni::menu::{MenuItem, RadioGroup, RadioItem, StandardItem};
use ksni::{Category, Handle, Icon, OfflineReason, Status, ToolTip, Tray, TrayMethods};
use tauri::AppHandle;
use up_core::Mood;

use super::face::{self, Face};
use super::icon;
use crate::action::{Action, Actions, ScreenPoint};
use crate::problems::Problems;
use crate::state::AppState;

/// The least time between two changes of the icon.
const MIN_INTERVAL: Duration = Duration::from_millis(250);
/// How long until a missing session bus is tried again: at first, and at most.
const RETRY: (Duration, Duration) = (Duration::from_secs(2), Duration::from_mins(1));

const NO_BUS: &str = "There is no session D-Bus, so there can be no tray icon. When this panel is \
    closed, only a new start brings it back.";
const NO_HOST: &str = "This desktop has no tray, so there is no icon. It appears as soon as there is \
    a tray (on GNOME: with the AppIndicator extension). Until then, starting up-tray again opens \
    this panel.";

/// Puts the icon into the tray and updates it as long as the application runs.
pub(crate) fn start(_: &AppHandle, up: &Arc<AppState>, actions: Actions) {
    tokio::spawn(keep_updated(Arc::clone(up), actions));
}

async fn keep_updated(up: Arc<AppState>, actions: Actions) {
    // Subscribed before the first face is made, so that no change is missed.
    let (mut changes, mut problems) = (up.view.news(), up.problems.changes());
    let mut shown = face::now(&up);
    let handle = connect(&up.problems, &actions, &shown).await;
    loop {
        let face = face::now(&up);
        if face != shown {
            shown = face.clone();
            handle.update(|item| item.show(face)).await;
        }
        tokio::select! {
            next = changes.changed() => if next.is_err() { break },
            () = problems.next() => {}
        }
        tokio::time::sleep(MIN_INTERVAL).await;
    }
    handle.shutdown().await;
}

/// Connects to the session bus, and retries until there is one. A tray host may be missing: ksni
/// waits for one by itself.
async fn connect(problems: &Problems, actions: &Actions, face: &Face) -> Handle<TrayItem> {
    let mut pause = RETRY.0;
    loop {
        let item = TrayItem::new(face.clone(), problems.clone(), actions.clone());
        let error = match item.assume_sni_available(true).spawn().await {
            Ok(handle) => {
                // ksni has reported by now whether there is a tray host.
                problems.clear_tray_problem(NO_BUS);
                return handle;
            }
            Err(error) => error,
        };
        let why = if matches!(error, ksni::Error::Dbus(_)) {
            NO_BUS
        } else {
            NO_HOST
        };
        if problems.set_tray(Some(why)) {
            // Without a bus, neither an icon nor a second start can open the panel, so that it
            // opens by itself.
            eprintln!("up-tray: {why}");
            actions.send(Action::Panel(None));
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(RETRY.1);
    }
}

/// The item that ksni publishes. ksni calls every getter at each update, so that all are cheap.
struct TrayItem {
    face: Face,
    icons: Vec<Icon>,
    problems: Problems,
    actions: Actions,
}

impl TrayItem {
    fn new(face: Face, problems: Problems, actions: Actions) -> Self {
        Self {
            icons: draw(&face),
            face,
            problems,
            actions,
        }
    }

    fn show(&mut self, face: Face) {
        if face.look != self.face.look {
            self.icons = draw(&face);
        }
        self.face = face;
    }
}

/// The icon in all sizes, in ksni's pixel format: alpha, red, green, blue.
fn draw(face: &Face) -> Vec<Icon> {
    let one = |size: u16| {
        let mut data = icon::rgba(face.look, u32::from(size));
        for pixel in data.as_chunks_mut::<4>().0 {
            pixel.rotate_right(1);
        }
        Icon {
            width: size.into(),
            height: size.into(),
            data,
        }
    };
    icon::SIZES.map(one).into()
}

impl Tray for TrayItem {
    fn id(&self) -> String {
        "up".into()
    }

    fn title(&self) -> String {
        "Up".into()
    }

    fn category(&self) -> Category {
        Category::ApplicationStatus
    }

    fn status(&self) -> Status {
        if self.face.urgent {
            Status::NeedsAttention
        } else {
            Status::Active
        }
    }

    fn icon_pixmap(&self) -> Vec<Icon> {
        self.icons.clone()
    }

    fn attention_icon_pixmap(&self) -> Vec<Icon> {
        self.icons.clone()
    }

    fn tool_tip(&self) -> ToolTip {
        ToolTip {
            title: super::escaped(&self.face.title),
            description: super::escaped(&self.face.lines.join("\n")),
            ..ToolTip::default()
        }
    }

    fn activate(&mut self, x: i32, y: i32) {
        // A host that does not know the position of the click reports 0, 0.
        let spot = ((x, y) != (0, 0)).then_some(ScreenPoint { x, y });
        self.actions.send(Action::Toggle(spot));
    }

    fn secondary_activate(&mut self, x: i32, y: i32) {
        self.activate(x, y);
    }

    fn menu(&self) -> Vec<MenuItem<Self>> {
        let face = &self.face;
        let mut menu = vec![
            StandardItem {
                label: label(&face.title),
                enabled: false,
                ..StandardItem::default()
            }
            .into(),
        ];
        for worst in &face.worst {
            menu.push(item(&worst.line, Action::Panel(Some(worst.path.clone()))));
        }
        menu.extend(face::more(face.more).map(|text| item(&text, Action::Panel(None))));
        menu.extend([
            MenuItem::Separator,
            item("Open panel", Action::Panel(None)),
            StandardItem {
                label: if face.checking {
                    "Checking…"
                } else {
                    "Check now"
                }
                .into(),
                enabled: !face.checking,
                activate: Box::new(|item: &mut Self| item.actions.send(Action::CheckNow)),
                ..StandardItem::default()
            }
            .into(),
            item("Add note…", Action::Note),
            item("Open configuration", Action::OpenConfig),
        ]);
        if !face.all.is_empty() {
            menu.push(MenuItem::Separator);
        }
        let all = face.all.iter();
        menu.extend(all.map(|(text, all)| item(text, Action::All(*all))));
        menu.extend([
            MenuItem::Separator,
            moods(face.mood),
            MenuItem::Separator,
            item("Quit", Action::Quit),
        ]);
        menu
    }

    fn watcher_online(&self) {
        self.problems.set_tray(None);
    }

    fn watcher_offline(&self, _: OfflineReason) -> bool {
        if self.problems.set_tray(Some(NO_HOST)) {
            eprintln!("up-tray: {NO_HOST}");
        }
        true
    }
}

fn item(text: &str, action: Action) -> MenuItem<TrayItem> {
    StandardItem {
        label: label(text),
        activate: Box::new(move |item: &mut TrayItem| item.actions.send(action.clone())),
        ..StandardItem::default()
    }
    .into()
}

/// A radio group of the moods. It is no submenu: libdbusmenu, with which GTK desktops show menus,
/// asks for a submenu's items before it has made the submenu, and then leaves it empty.
fn moods(mood: Mood) -> MenuItem<TrayItem> {
    let options = Mood::ALL.into_iter().map(|mood| RadioItem {
        label: super::title_of(mood).into(),
        ..RadioItem::default()
    });
    RadioGroup {
        selected: Mood::ALL
            .into_iter()
            .position(|one| one == mood)
            .unwrap_or_default(),
        select: Box::new(|item: &mut TrayItem, index| {
            if let Some(mood) = Mood::ALL.get(index) {
                item.actions.send(Action::Mood(*mood));
            }
        }),
        options: options.collect(),
    }
    .into()
}

/// A label with underscores doubled, as a single one would mark an access key.
fn label(text: &str) -> String {
    text.replace('_', "__")
}

#[cfg(test)]
mod tests {
    use up_core::control::ControlState;

    use super::*;
    use crate::test_support::{ScriptedLeaf, world};

    fn item_for(
        leaves: &[(&str, ScriptedLeaf)],
    ) -> (TrayItem, tokio::sync::mpsc::UnboundedReceiver<Action>) {
        let (sender, requests) = tokio::sync::mpsc::unbounded_channel();
        let face = Face::of(
            &world(leaves),
            &ControlState::default(),
            Mood::Optimist,
            &[],
            false,
        );
        (
            TrayItem::new(face, Problems::new(), Actions(sender)),
            requests,
        )
    }

    fn labels(menu: &[MenuItem<TrayItem>]) -> Vec<String> {
        let label = |item: &MenuItem<TrayItem>| match item {
            MenuItem::Standard(item) => item.label.clone(),
            MenuItem::RadioGroup(group) => group.options[group.selected].label.clone(),
            _ => "-".into(),
        };
        menu.iter().map(label).collect()
    }

    #[test]
    fn the_menu_says_the_state_and_the_worst_before_what_can_be_done() {
        let (item, mut requests) = item_for(&[
            ("my_db", ScriptedLeaf::At(0.0)),
            ("b", ScriptedLeaf::At(1.0)),
        ]);
        let menu = item.menu();
        assert_eq!(
            labels(&menu),
            [
                "Root: HALF UP (50%)",
                "my__db: HANG IN THERE! — refused",
                "-",
                "Open panel",
                "Check now",
                "Add note…",
                "Open configuration",
                "-",
                "Optimist",
                "-",
                "Quit",
            ]
        );
        let mut item = item;
        for entry in menu {
            match entry {
                MenuItem::Standard(entry) => (entry.activate)(&mut item),
                MenuItem::RadioGroup(group) => (group.select)(&mut item, 2),
                _ => {}
            }
        }
        let actions: Vec<Action> = std::iter::from_fn(|| requests.try_recv().ok()).collect();
        assert_eq!(
            actions,
            [
                Action::Panel(Some("/Root/my_db".into())),
                Action::Panel(None),
                Action::CheckNow,
                Action::Note,
                Action::OpenConfig,
                Action::Mood(Mood::Pessimist),
                Action::Quit,
            ]
        );
    }

    #[test]
    fn a_click_says_where_it_was_if_the_host_knows() {
        let (mut item, mut requests) = item_for(&[]);
        item.activate(300, 10);
        item.activate(0, 0);
        assert_eq!(
            requests.try_recv().ok(),
            Some(Action::Toggle(Some(ScreenPoint { x: 300, y: 10 })))
        );
        assert_eq!(requests.try_recv().ok(), Some(Action::Toggle(None)));
    }

    #[test]
    fn pixmaps_begin_with_alpha() {
        let (item, _asked) = item_for(&[("a", ScriptedLeaf::At(0.0))]);
        let icon = &item.icon_pixmap()[5];
        let left = ((32 * 64) + 16) * 4;
        assert_eq!(icon.data[left..left + 4], [0xff, 0xff, 0x5a, 0x52]);
    }
}
