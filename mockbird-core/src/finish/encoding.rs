//! Content codings (RFC 9110 section 8.4): inflating what came, compressing what goes.

use bytes::Bytes;
#[cfg(feature = "compression")]
use http::HeaderValue;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING};
use http::{HeaderMap, Response};

use super::error_form::{ErrorCode, error_response};
use super::size::ByteSize;

/// Why a request's body could not be inflated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InflateError {
    /// The compressed data is broken.
    #[error("the request's body is not valid {0}: send it complete, or without Content-Encoding")]
    Broken(&'static str),
    /// The body is larger than the limit once inflated.
    #[error("the request's body is larger than {} once inflated", ByteSize(*.0))]
    TooLarge(usize),
}

impl InflateError {
    /// The reply to such a request: 400 or 413.
    pub fn response(&self) -> Response<Bytes> {
        let code = match self {
            Self::Broken(_) => ErrorCode::BadRequest,
            Self::TooLarge(_) => ErrorCode::PayloadTooLarge,
        };
        error_response(code, &self.to_string())
    }
}

/// A coding this engine knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coding {
    Gzip,
    Brotli,
    #[cfg_attr(not(feature = "compression"), expect(dead_code))]
    Deflate,
}

impl Coding {
    #[cfg(feature = "compression")]
    fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Brotli => "br",
            Self::Deflate => "deflate",
        }
    }
}

/// Whether [`inflate`] can undo any coding: without the feature `compression` every body stays as it came.
pub const INFLATES: bool = cfg!(feature = "compression");

/// The body that the client meant: inflated if it came compressed, at most `limit` bytes.
///
/// An unknown coding is left alone, and so is every one without the feature `compression`.
pub fn inflate(headers: &HeaderMap, body: Bytes, limit: usize) -> Result<Bytes, InflateError> {
    if body.is_empty() || !headers.contains_key(CONTENT_ENCODING) {
        return Ok(body);
    }
    codec::inflate(headers, body, limit)
}

/// The coding to answer with: brotli where it is accepted, otherwise gzip (RFC 9110 section 12.5.3).
pub(crate) fn accepted(headers: &HeaderMap) -> Option<Coding> {
    let mut best: Option<(u32, Coding)> = None;
    for line in headers.get_all(ACCEPT_ENCODING) {
        for item in line.to_str().unwrap_or("").split(',') {
            let (name, weight) = item.split_once(';').unwrap_or((item, ""));
            let coding = match name.trim() {
                "br" => Coding::Brotli,
                "gzip" | "x-gzip" => Coding::Gzip,
                _ => continue,
            };
            let quality = quality(weight);
            let better = best.is_none_or(|(q, c)| {
                quality > q || (quality == q && coding == Coding::Brotli && c == Coding::Gzip)
            });
            if quality > 0 && better {
                best = Some((quality, coding));
            }
        }
    }
    best.map(|(_, coding)| coding)
}

/// `q=0.5` in thousandths; 1000 if absent.
fn quality(parameter: &str) -> u32 {
    let Some(text) = parameter.trim().strip_prefix("q=") else {
        return 1000;
    };
    let quality: f32 = text.trim().parse().unwrap_or(0.0);
    // Clamped to what fits.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let thousandths = (quality.clamp(0.0, 1.0) * 1000.0) as u32;
    thousandths
}

/// The body in this coding, unless that would not make it smaller.
#[cfg(feature = "compression")]
pub(crate) fn compress(body: &[u8], coding: Coding) -> Option<Bytes> {
    codec::compress(body, coding).filter(|small| small.len() < body.len())
}

#[cfg(not(feature = "compression"))]
pub(crate) fn compress(_body: &[u8], _coding: Coding) -> Option<Bytes> {
    None
}

/// Says that the body is in this coding.
#[cfg(feature = "compression")]
pub(crate) fn content_encoding(coding: Coding) -> HeaderValue {
    HeaderValue::from_static(coding.name())
}

#[cfg(feature = "compression")]
mod codec {
    use std::io::{Read, Write};

    use super::{Bytes, CONTENT_ENCODING, Coding, HeaderMap, InflateError};
    use crate::limits::{CODINGS_MAX, GZIP_MEMBERS_MAX};

    /// Brotli's middle way: smaller than gzip, and not ten times slower.
    const BROTLI_QUALITY: i32 = 5;
    const BROTLI_WINDOW: i32 = 22;
    const BUFFER: usize = 4096;

    pub(super) fn inflate(
        headers: &HeaderMap,
        body: Bytes,
        limit: usize,
    ) -> Result<Bytes, InflateError> {
        let mut codings = Vec::new();
        for line in headers.get_all(CONTENT_ENCODING) {
            for name in line.to_str().unwrap_or("?").split(',') {
                codings.push(match name.trim().to_ascii_lowercase().as_str() {
                    "gzip" | "x-gzip" => Coding::Gzip,
                    "br" => Coding::Brotli,
                    "deflate" => Coding::Deflate,
                    "identity" | "" => continue,
                    _ => return Ok(body),
                });
            }
        }
        if codings.len() > CODINGS_MAX {
            return Ok(body);
        }
        codings
            .into_iter()
            .rev()
            .try_fold(body, |body, coding| one(&body, coding, limit))
    }

    fn one(body: &[u8], coding: Coding, limit: usize) -> Result<Bytes, InflateError> {
        let mut out = Vec::new();
        let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
        let read = match coding {
            Coding::Gzip => gunzip(body, most, &mut out),
            Coding::Brotli => brotli::Decompressor::new(body, BUFFER)
                .take(most)
                .read_to_end(&mut out),
            // Most clients send zlib data, as the standard says; some send it raw.
            Coding::Deflate if is_zlib(body) => flate2::read::ZlibDecoder::new(body)
                .take(most)
                .read_to_end(&mut out),
            Coding::Deflate => flate2::read::DeflateDecoder::new(body)
                .take(most)
                .read_to_end(&mut out),
        };
        if out.len() > limit {
            return Err(InflateError::TooLarge(limit));
        }
        read.map_err(|_| InflateError::Broken(coding.name()))?;
        Ok(out.into())
    }

    /// A gzip body may be several, one after the other (RFC 1952 section 2.2).
    fn gunzip(mut body: &[u8], most: u64, out: &mut Vec<u8>) -> std::io::Result<usize> {
        for _ in 0..GZIP_MEMBERS_MAX {
            let mut member = flate2::bufread::GzDecoder::new(body);
            let left = most.saturating_sub(out.len() as u64);
            member.by_ref().take(left).read_to_end(out)?;
            body = member.into_inner();
            if body.is_empty() || out.len() as u64 >= most {
                return Ok(out.len());
            }
        }
        Err(std::io::ErrorKind::InvalidData.into())
    }

    /// The two bytes of a zlib header (RFC 1950 section 2.2).
    fn is_zlib(body: &[u8]) -> bool {
        matches!(body, [a, b, ..] if a & 0x0F == 8 && (u16::from(*a) << 8 | u16::from(*b)) % 31 == 0)
    }

    pub(super) fn compress(body: &[u8], coding: Coding) -> Option<Bytes> {
        let mut out = Vec::new();
        match coding {
            Coding::Gzip => {
                let mut encoder =
                    flate2::write::GzEncoder::new(&mut out, flate2::Compression::default());
                encoder.write_all(body).ok()?;
                encoder.finish().ok()?;
            }
            Coding::Brotli => {
                let quality = brotli::enc::BrotliEncoderParams {
                    quality: BROTLI_QUALITY,
                    lgwin: BROTLI_WINDOW,
                    ..Default::default()
                };
                brotli::BrotliCompress(&mut &body[..], &mut out, &quality).ok()?;
            }
            Coding::Deflate => return None,
        }
        Some(out.into())
    }
}

#[cfg(not(feature = "compression"))]
mod codec {
    use super::{Bytes, HeaderMap, InflateError};

    #[expect(clippy::unnecessary_wraps)]
    pub(super) fn inflate(_: &HeaderMap, body: Bytes, _: usize) -> Result<Bytes, InflateError> {
        Ok(body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accept(text: &'static str) -> Option<Coding> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_ENCODING, http::HeaderValue::from_static(text));
        accepted(&headers)
    }

    #[test]
    fn negotiation() {
        assert_eq!(accept("gzip, deflate, br"), Some(Coding::Brotli));
        assert_eq!(accept("gzip"), Some(Coding::Gzip));
        assert_eq!(accept("br;q=0.1, gzip;q=0.5"), Some(Coding::Gzip));
        assert_eq!(accept("br;q=0, gzip;q=0"), None);
        assert_eq!(accept("identity"), None);
        assert_eq!(accept("br;q=x"), None);
    }

    #[cfg(feature = "compression")]
    #[test]
    fn there_and_back() {
        let text = "a mock for every bird ".repeat(100);
        for (coding, name) in [(Coding::Gzip, "gzip"), (Coding::Brotli, "br")] {
            let small = compress(text.as_bytes(), coding).unwrap();
            assert!(small.len() < text.len() / 4);
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_ENCODING, http::HeaderValue::from_static(name));
            assert_eq!(inflate(&headers, small.clone(), 10_000).unwrap(), text);
            assert_eq!(
                inflate(&headers, small.clone(), 100),
                Err(InflateError::TooLarge(100))
            );
            let cut = small.slice(..small.len() / 2);
            assert_eq!(
                inflate(&headers, cut, 10_000),
                Err(InflateError::Broken(name))
            );
        }
        assert_eq!(compress(b"short", Coding::Gzip), None);
    }
}
