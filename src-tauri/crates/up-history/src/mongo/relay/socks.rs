//! The server's side of SOCKS5 (RFC 1928) with a user and a password (RFC 1929): as much of it as
//! the driver speaks.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// The user's name; what counts is the password.
pub(super) const USER: &str = "up";

const VERSION: u8 = 5;
const BY_PASSWORD: u8 = 2;
const NO_METHOD: u8 = 0xff;
const PASSWORD_VERSION: u8 = 1;
const CONNECT: u8 = 1;
const IPV4: u8 = 1;
const DOMAIN: u8 = 3;
const IPV6: u8 = 4;
const GRANTED: u8 = 0;
const FAILED: u8 = 1;

/// Hears who connects, and where to; an error when it is nobody who knows the password.
pub(super) async fn accept(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    password: &str,
) -> io::Result<(String, u16)> {
    expect(stream, VERSION).await?;
    let methods = counted(stream).await?;
    if !methods.contains(&BY_PASSWORD) {
        stream.write_all(&[VERSION, NO_METHOD]).await?;
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    stream.write_all(&[VERSION, BY_PASSWORD]).await?;
    expect(stream, PASSWORD_VERSION).await?;
    let _user = counted(stream).await?;
    if counted(stream).await? != password.as_bytes() {
        stream.write_all(&[PASSWORD_VERSION, FAILED]).await?;
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    stream.write_all(&[PASSWORD_VERSION, GRANTED]).await?;
    expect(stream, VERSION).await?;
    expect(stream, CONNECT).await?;
    let _reserved = stream.read_u8().await?;
    let host = match stream.read_u8().await? {
        IPV4 => Ipv4Addr::from(stream.read_u32().await?).to_string(),
        IPV6 => Ipv6Addr::from(stream.read_u128().await?).to_string(),
        DOMAIN => String::from_utf8(counted(stream).await?)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?,
        _ => return Err(io::ErrorKind::InvalidData.into()),
    };
    Ok((host, stream.read_u16().await?))
}

/// Says that the connection is there.
pub(super) async fn grant(stream: &mut (impl AsyncWrite + Unpin)) -> io::Result<()> {
    answer(stream, GRANTED).await
}

/// Says that there is none.
pub(super) async fn refuse(stream: &mut (impl AsyncWrite + Unpin)) -> io::Result<()> {
    answer(stream, FAILED).await
}

async fn answer(stream: &mut (impl AsyncWrite + Unpin), how: u8) -> io::Result<()> {
    // From which address, nobody wants to know.
    let answer = [VERSION, how, 0, IPV4, 0, 0, 0, 0, 0, 0];
    stream.write_all(&answer).await
}

async fn expect(stream: &mut (impl AsyncRead + Unpin), wanted: u8) -> io::Result<()> {
    if stream.read_u8().await? == wanted {
        Ok(())
    } else {
        Err(io::ErrorKind::InvalidData.into())
    }
}

/// Bytes behind a byte that counts them.
async fn counted(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Vec<u8>> {
    let count = stream.read_u8().await?;
    let mut bytes = vec![0; count.into()];
    stream.read_exact(&mut bytes).await?;
    Ok(bytes)
}
