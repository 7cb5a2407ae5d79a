//! A mouse and a keyboard that a test moves. They stay for as long as the desktop, because a desktop
//! without a keyboard gives no window the focus.

use std::fs::File;
use std::io::Write;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::path::Path;

use rustix::fs::{MemfdFlags, memfd_create};
use wayland_client::globals::{BindError, GlobalListContents, registry_queue_init};
use wayland_client::protocol::wl_keyboard::{KeyState, KeymapFormat};
use wayland_client::protocol::wl_pointer::ButtonState;
use wayland_client::protocol::wl_registry::{Event, WlRegistry};
use wayland_client::protocol::wl_seat::WlSeat;
use wayland_client::{Connection, Dispatch, EventQueue, QueueHandle, delegate_noop};
use wayland_protocols_misc::zwp_virtual_keyboard_v1::client as keyboard;
use wayland_protocols_wlr::virtual_pointer::v1::client as pointer;

use keyboard::zwp_virtual_keyboard_manager_v1::ZwpVirtualKeyboardManagerV1;
use keyboard::zwp_virtual_keyboard_v1::ZwpVirtualKeyboardV1;
use pointer::zwlr_virtual_pointer_manager_v1::ZwlrVirtualPointerManagerV1;
use pointer::zwlr_virtual_pointer_v1::ZwlrVirtualPointerV1;

/// Codes of `linux/input-event-codes.h`.
pub(super) const ESCAPE: u32 = 1;
const BUTTON_LEFT: u32 = 0x110;
/// The milliseconds between one event and the next, by their dates: so many that two clicks are no
/// double click.
const STEP: u32 = 1_000;
/// The keys of a usual keyboard, in the words of xkbcommon.
const KEYMAP: &str = r#"xkb_keymap {
    xkb_keycodes { include "evdev+aliases(qwerty)" };
    xkb_types { include "complete" };
    xkb_compat { include "complete" };
    xkb_symbols { include "pc+us+inet(evdev)" };
};
"#;

/// A mouse and a keyboard.
#[derive(Debug)]
pub(super) struct VirtualInput {
    queue: EventQueue<Silent>,
    pointer: ZwlrVirtualPointerV1,
    keyboard: ZwpVirtualKeyboardV1,
    screen: (u32, u32),
    now: u32,
}

/// No event matters.
#[derive(Debug)]
struct Silent;

impl VirtualInput {
    /// Adds them to the compositor with that socket and a screen of that size.
    pub(super) fn connect(socket: &Path, screen: (u32, u32)) -> Self {
        let stream = UnixStream::connect(socket).expect("sway accepts connections");
        let connection = Connection::from_socket(stream).expect("sway speaks Wayland");
        let (mut queue, pointer, keyboard) = add(&connection).expect("sway has virtual input");
        let bytes = [KEYMAP.as_bytes(), b"\0"].concat();
        let keymap = memfd_create("keymap", MemfdFlags::CLOEXEC).expect("a file in memory");
        let mut keymap = File::from(keymap);
        keymap.write_all(&bytes).expect("a file in memory takes it");
        let size = u32::try_from(bytes.len()).expect("a keymap is small");
        keyboard.keymap(KeymapFormat::XkbV1.into(), keymap.as_fd(), size);
        queue.roundtrip(&mut Silent).expect("sway takes a keymap");
        Self {
            queue,
            pointer,
            keyboard,
            screen,
            now: 0,
        }
    }

    /// Moves the pointer there.
    pub(super) fn point(&mut self, (x, y): (u32, u32)) {
        let (width, height) = self.screen;
        self.pointer.motion_absolute(self.now, x, y, width, height);
        self.pointer.frame();
        self.pass_on();
    }

    /// Moves the pointer there, and presses and releases the left button.
    pub(super) fn click(&mut self, at: (u32, u32)) {
        self.point(at);
        for state in [ButtonState::Pressed, ButtonState::Released] {
            self.now += STEP;
            self.pointer.button(self.now, BUTTON_LEFT, state);
            self.pointer.frame();
        }
        self.pass_on();
    }

    /// Presses and releases a key.
    pub(super) fn press(&mut self, key: u32) {
        for state in [KeyState::Pressed, KeyState::Released] {
            self.now += STEP;
            self.keyboard.key(self.now, key, state.into());
        }
        self.pass_on();
    }

    fn pass_on(&mut self) {
        self.queue
            .roundtrip(&mut Silent)
            .expect("sway goes on running");
    }
}

type Devices = (
    EventQueue<Silent>,
    ZwlrVirtualPointerV1,
    ZwpVirtualKeyboardV1,
);

fn add(connection: &Connection) -> Result<Devices, BindError> {
    let (globals, queue) =
        registry_queue_init::<Silent>(connection).expect("sway tells what it can");
    let handle = queue.handle();
    let seat: WlSeat = globals.bind(&handle, 1..=7, ())?;
    let pointers: ZwlrVirtualPointerManagerV1 = globals.bind(&handle, 1..=2, ())?;
    let keyboards: ZwpVirtualKeyboardManagerV1 = globals.bind(&handle, 1..=1, ())?;
    let pointer = pointers.create_virtual_pointer(Some(&seat), &handle, ());
    let keyboard = keyboards.create_virtual_keyboard(&seat, &handle, ());
    Ok((queue, pointer, keyboard))
}

impl Dispatch<WlRegistry, GlobalListContents> for Silent {
    fn event(
        _: &mut Self,
        _: &WlRegistry,
        _: Event,
        _: &GlobalListContents,
        _: &Connection,
        _: &QueueHandle<Self>,
    ) {
    }
}

delegate_noop!(Silent: ignore WlSeat);
delegate_noop!(Silent: ZwlrVirtualPointerManagerV1);
delegate_noop!(Silent: ZwlrVirtualPointerV1);
delegate_noop!(Silent: ZwpVirtualKeyboardManagerV1);
delegate_noop!(Silent: ZwpVirtualKeyboardV1);
