//! What a server does with what others tell it.

use tokio::sync::mpsc;

use super::message::{Content, Message};
use super::{Heard, Node, count};
use crate::app::App;

/// Attends to all of it, in order, for as long as it is polled.
pub(super) async fn all(app: App, me: Node, mut heard: mpsc::Receiver<Heard>) {
    while let Some(heard) = heard.recv().await {
        match heard {
            Heard::Joined | Heard::Parted => {}
            Heard::Message(text) => match Message::read(&text) {
                // Whoever tells hears it, too.
                Some(message) if message.from == me => {}
                Some(message) => {
                    count("received", 1);
                    attend(&app, message.content).await;
                }
                None => count("refused", 1),
            },
        }
    }
}

async fn attend(app: &App, content: Content) {
    match content {
        Content::Changed(slugs) => {
            for slug in slugs {
                app.mock_plane().forget(&slug).await;
            }
        }
    }
}
