"""The codecs that are let in, and what they are called.

Decoders are where libav's holes are: only what cameras, phones, editors and recorders really write is let in.
"""

from av.stream import Stream

from heygem.base.errors import ErrorCode, HeygemError
from heygem.media.sniff import ALLOWED

# fmt: off
_LET_IN = frozenset((
    # pictures
    "h264", "hevc", "vp8", "vp9", "av1", "mpeg4", "msmpeg4v1", "msmpeg4v2", "msmpeg4v3", "h261", "h263", "h263p",
    "flv1", "flashsv", "vp6", "vp6a", "vp6f", "mpeg1video", "mpeg2video", "mjpeg", "mjpegb", "prores", "dnxhd",
    "cfhd", "ffv1", "huffyuv", "ffvhuff", "utvideo", "magicyuv", "dvvideo", "rawvideo", "v210", "r210", "theora",
    "wmv1", "wmv2", "wmv3", "vc1", "cinepak", "qtrle", "rpza", "smc", "svq1", "svq3", "msvideo1", "msrle",
    "jpeg2000", "png", "apng", "gif", "webp",
    # sound
    "aac", "aac_latm", "mp2", "mp3", "opus", "vorbis", "flac", "alac", "ac3", "eac3", "amr_nb", "amr_wb", "speex",
    "nellymoser", "ilbc", "gsm", "gsm_ms", "wmav1", "wmav2", "wmapro", "wmavoice", "wmalossless", "wavpack", "tta",
    "qdm2", "s302m", "adpcm_ms", "adpcm_ima_wav", "adpcm_ima_qt", "adpcm_swf", "adpcm_yamaha", "adpcm_g722",
    "adpcm_g726", "adpcm_g726le",
))
# Packets of these have headers of their own. Black and silence may be nothing but zeros in what has none.
_NEVER_ZEROS = frozenset((
    "h264", "hevc", "vp8", "vp9", "av1", "mpeg4", "h263", "flv1", "mpeg1video", "mpeg2video", "mjpeg", "prores",
    "dnxhd", "aac", "mp2", "mp3", "opus", "vorbis", "flac", "ac3", "eac3",
))
# fmt: on


def codec_name(stream: Stream) -> str:
    """The codec, not the decoder: `av1`, whichever library decodes it."""
    return stream.codec_context.codec.canonical_name if stream.codec_context else "unknown"


def let_in(stream: Stream) -> bool:
    return (codec := codec_name(stream)) in _LET_IN or codec.startswith("pcm_")


def refusal(stream: Stream, name: str) -> HeygemError:
    """What a person is told about a stream that is not let in."""
    return HeygemError(ErrorCode.UNSUPPORTED_FORMAT, name=name, format=codec_name(stream), allowed=ALLOWED)


def never_zeros(stream: Stream) -> bool:
    """Whether a packet of nothing but zeros is a hole, whatever it should have held."""
    return codec_name(stream) in _NEVER_ZEROS
