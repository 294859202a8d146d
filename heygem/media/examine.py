"""Looking into a file with libav. Runs in the probe's child only: see `heygem.media.probe`."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import av
from av.audio.stream import AudioStream
from av.video.stream import VideoStream

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.limits import Limits
from heygem.media.audio import is_audible
from heygem.media.codecs import codec_name, let_in, refusal
from heygem.media.container import OpenMedia, libav_errors, open_media
from heygem.media.cutoff import cut_off
from heygem.media.info import AudioInfo, MediaInfo, Unreadable, VideoInfo
from heygem.media.pictures import picture_size
from heygem.media.probe import check_pixels
from heygem.media.profile import conversion, profile_of
from heygem.media.sniff import sniff
from heygem.media.spotcheck import SpotCheck
from heygem.media.tally import Span, Tally, falls_short, packet_time
from heygem.media.upright import STILL_PIXELS, turn_of, upright_size

# Faster than any camera's slow motion and any codec's packets: more than this is there to keep us busy.
_MOST_A_SECOND = 500
# Formats whose header tells the length of the whole file. Streams of mp4 tell their own; the others' is a guess from
# the bit rate, or their structure shows what is missing.
_ANNOUNCING = frozenset({"wav", "flac", "avi", "flv"})
_CHECKS = 6
_SHORTEST_SPACING_S = 0.5
_MORE_UNUSED = 10


def examine(path: Path, name: str, limits: Limits) -> MediaInfo:
    """Read the file to its end and decode samples of it. Raises what `heygem.media.probe.probe` lists."""
    kind = sniff(path, name).format
    most_mp = limits.most_megapixels(still=kind == "image")
    if kind in ("image", "gif", "apng", "webp") and (size := picture_size(path)):
        check_pixels(*size, name, most_mp)
    if kind == "image":
        conversion(profile_of(path))  # whoever uses the picture reads it: if that ends in a crash, it is here
    if cut_off(path):
        raise HeygemError(ErrorCode.BROKEN_MEDIA, name=name)
    with open_media(path, name) as media:
        streams = len(media.container.streams)
        _require_few(media, limits)
        if media.video is None and media.audio is None:
            raise HeygemError(ErrorCode.NOT_MEDIA if streams else ErrorCode.BROKEN_MEDIA, name=name)
        if media.video and let_in(media.video):
            check_pixels(media.video.width, media.video.height, name, most_mp)
        with libav_errors(path, name):
            tallies = _tallies(media, name, limits)
        found = _found(media, tallies, path.stat().st_size, streams)
    return found if _heard(path, found, limits) else _silent(found)


def _require_few(media: OpenMedia, limits: Limits) -> None:
    """Subtitles in thirty languages and the fonts for them cost next to nothing, and nobody uses them."""
    streams = media.container.streams
    for count, most in (
        (len(streams.video) + len(streams.audio), limits.streams),
        (len(streams), limits.streams * _MORE_UNUSED),
    ):
        if count > most:
            raise HeygemError(ErrorCode.TOO_MANY_STREAMS, name=media.name, actual=count, limit=most)


def _heard(path: Path, found: MediaInfo, limits: Limits) -> bool:
    """False for what is silent from end to end. What is too long for a voice anyway is not listened to."""
    if found.audio is None or (found.audio.duration_s or 0) > limits.voice_seconds:
        return True
    try:
        return is_audible(path, "")
    except HeygemError:  # a template's sound does not matter; a voice's is read again
        return True


def _silent(found: MediaInfo) -> MediaInfo:
    return found.model_copy(update={"audio": found.audio and found.audio.model_copy(update={"audible": False})})


def _found(media: OpenMedia, tallies: dict[int, Tally], size: int, streams: int) -> MediaInfo:
    """What can be used, and why the rest can't. Raises where nothing can."""
    video = tallies.get(media.video.index) if media.video else None
    audio = tallies.get(media.audio.index) if media.audio else None
    bad_video, bad_audio = _unusable(media.video, video, media.name), _unusable(media.audio, audio, media.name)
    good = [tally for tally, bad in ((video, bad_video), (audio, bad_audio)) if tally and not bad]
    if not good:
        raise bad_video or bad_audio or HeygemError(ErrorCode.BROKEN_MEDIA, name=media.name)
    still = media.format == "image"
    return MediaInfo(
        format=media.format,
        duration_s=0 if still else max(tally.seconds for tally in good),
        size=size,
        streams=streams,
        video=_video_info(video, still=still) if video in good else None,
        audio=_audio_info(audio) if audio in good else None,
        unreadable_video=_unreadable(bad_video),
        unreadable_audio=_unreadable(bad_audio),
    )


def _unusable(stream: VideoStream | AudioStream | None, tally: Tally | None, name: str) -> HeygemError | None:
    """Why a stream can't be used. One that holds nothing is as good as none."""
    if stream is None:
        return None
    if not let_in(stream):
        return refusal(stream, name)
    if tally is not None and (tally.cut_off or tally.broken):
        return HeygemError(ErrorCode.BROKEN_MEDIA, name=name)
    return None


def _unreadable(error: HeygemError | None) -> Unreadable | None:
    if error is None:
        return None
    return Unreadable(code=error.code, params={key: str(value) for key, value in error.params.items()})


def _tallies(media: OpenMedia, name: str, limits: Limits) -> dict[int, Tally]:
    """The streams that may be used and hold anything, counted to the end."""
    said_s = (media.container.duration or 0) / av.time_base
    spacing = max(_SHORTEST_SPACING_S, said_s / _CHECKS)
    used = [stream for stream in (media.video, media.audio) if stream is not None and let_in(stream)]
    tallies = {stream.index: Tally(stream, SpotCheck(stream, spacing)) for stream in used}
    announcing = media.format in _ANNOUNCING
    everything = _read(media.container.demux(*(() if announcing else used)), tallies, name, limits)
    if announcing and falls_short(everything.reach, said_s):
        raise HeygemError(ErrorCode.BROKEN_MEDIA, name=name)
    filled = {index: tally for index, tally in tallies.items() if tally.packets}
    for tally in filled.values():
        tally.check.finish()
    return filled


def _read(packets: "Iterable[av.Packet[Any]]", tallies: dict[int, Tally], name: str, limits: Limits) -> Span:
    """From where to where the file goes: a track that nobody uses may be what makes it as long as it says."""
    most = _MOST_A_SECOND * max(limits.template_seconds, limits.voice_seconds)
    everything = Span()
    for packet in packets:
        if not packet.size:
            continue
        now = packet_time(packet, everything.end)
        everything.include(now, now + float((packet.duration or 0) * (packet.time_base or 0)))
        if tally := tallies.get(packet.stream_index):
            tally.count(packet)
            if tally.packets > most:
                raise HeygemError(ErrorCode.PROBE_LIMIT, name=name, limit_s=limits.probe_seconds)
    return everything


def _video_info(tally: Tally | None, *, still: bool) -> VideoInfo | None:
    if tally is None or (first := tally.check.first) is None:
        return None
    stream = tally.stream
    aspect = stream.sample_aspect_ratio if isinstance(stream, VideoStream) else None
    width, height = upright_size(first, aspect, None, STILL_PIXELS if still else None)
    return VideoInfo(
        codec=codec_name(stream),
        width=width,
        height=height,
        rotation=turn_of(first).rotation,
        fps=round(tally.packets / tally.seconds, 3) if tally.seconds and not still else 0,
        frames=1 if still else tally.packets,
        pixel_format=first.format.name,
        duration_s=0 if still else tally.seconds,
    )


def _audio_info(tally: Tally | None) -> AudioInfo | None:
    if tally is None or not isinstance(stream := tally.stream, AudioStream):
        return None
    return AudioInfo(
        codec=codec_name(stream),
        sample_rate=stream.sample_rate,
        channels=stream.channels,
        duration_s=tally.seconds,
    )
