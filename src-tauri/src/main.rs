//! `up-tray`: Up on a desktop.
#[cfg(test)]
mod scripted;
mod tray;
fn main() {}
