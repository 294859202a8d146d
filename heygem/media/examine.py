"""Looking into a file with libav. Runs in the probe's child only: see `heygem.media.probe`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
from av.audio.stream import AudioStream
from av.video.stream import VideoStream

from heygem.errors import ErrorCode, HeygemError
from heygem.limits import Limits
from heygem.media.audio import is_audible
from heygem.media.container import OpenMedia, codec_name, libav_errors, open_media
from heygem.media.cutoff import cut_off
from heygem.media.info import AudioInfo, MediaInfo, VideoInfo
from heygem.media.pictures import picture_size
from heygem.media.probe import check_pixels
from heygem.media.sniff import sniff
from heygem.media.spotcheck import SpotCheck
from heygem.media.upright import turn_of, upright_size

# Faster than any camera's slow motion and any codec's packets: more than this is there to keep us busy.
_MOST_A_SECOND = 500
# Formats whose headers tell the true length. The others' is a guess from the bit rate.
_ANNOUNCING = frozenset({"wav", "mp4", "flac", "avi", "matroska", "flv"})
_MISSING_SHARE, _MISSING_S = 0.05, 0.5
_ZEROS = bytes(16)
_HOLLOW_SHARE = 0.05
_CHECKS = 6
_SHORTEST_SPACING_S = 0.5


@dataclass
class Tally:
    """What went by of one stream."""

    stream: VideoStream | AudioStream
    check: SpotCheck
    packets: int = 0
    hollow: int = 0  # begin with zeros only
    start: float | None = None
    end: float = 0.0

    @property
    def broken(self) -> bool:
        """No compressed packet is made of zeros; between key pictures nothing else tells a hole from a picture."""
        raw = codec_name(self.stream).startswith(("pcm_", "rawvideo"))
        return self.check.broken or (not raw and self.hollow > self.packets * _HOLLOW_SHARE)

    @property
    def seconds(self) -> float:
        return max(0.0, self.end - (self.start or 0.0))


def examine(path: Path, name: str, limits: Limits) -> MediaInfo:
    """Read the file to its end and decode samples of it. Raises what `heygem.media.probe.probe` lists."""
    if sniff(path, name).format == "image" and (size := picture_size(path)):
        check_pixels(*size, name, limits)
    if cut_off(path):
        raise HeygemError(ErrorCode.BROKEN_MEDIA, name=name)
    with open_media(path, name) as media:
        streams = len(media.container.streams)
        if streams > limits.streams:
            raise HeygemError(ErrorCode.TOO_MANY_STREAMS, name=name, actual=streams, limit=limits.streams)
        if media.video is None and media.audio is None:
            raise HeygemError(ErrorCode.BROKEN_MEDIA, name=name)
        if media.video:
            check_pixels(media.video.width, media.video.height, name, limits)
        with libav_errors(name):
            tallies = _tallies(media, name, limits)
        found = _found(media, tallies, path.stat().st_size, streams)
    return found if _heard(path, found, limits) else _silent(found)


def _heard(path: Path, found: MediaInfo, limits: Limits) -> bool:
    """False for what is silent from end to end. What is too long for a voice anyway is not listened to."""
    if found.audio is None or found.duration_s > limits.voice_seconds:
        return True
    try:
        return is_audible(path, "")
    except HeygemError:  # a template's sound does not matter; a voice's is read again
        return True


def _silent(found: MediaInfo) -> MediaInfo:
    return found.model_copy(update={"audio": found.audio and found.audio.model_copy(update={"audible": False})})


def _found(media: OpenMedia, tallies: dict[int, Tally], size: int, streams: int) -> MediaInfo:
    video = tallies.get(media.video.index) if media.video else None
    audio = tallies.get(media.audio.index) if media.audio else None
    return MediaInfo(
        format=media.format,
        duration_s=0 if media.format == "image" else max(tally.seconds for tally in tallies.values()),
        size=size,
        streams=streams,
        video=_video_info(media.video, video, media.format == "image")
        if media.video and video and video.check.first
        else None,
        audio=_audio_info(media.audio) if media.audio and audio else None,
    )


def _tallies(media: OpenMedia, name: str, limits: Limits) -> dict[int, Tally]:
    """The streams that hold anything, counted to the end."""
    announced = _announced(media)
    spacing = max(_SHORTEST_SPACING_S, (announced or 0) / _CHECKS)
    tallies = {s.index: Tally(s, SpotCheck(s, spacing)) for s in (media.video, media.audio) if s is not None}
    most_packets = _MOST_A_SECOND * max(limits.template_seconds, limits.voice_seconds)
    for packet in media.container.demux([tally.stream for tally in tallies.values()]):
        if packet.size:
            tally = tallies[packet.stream_index]
            _count(tally, packet)
            if tally.packets > most_packets:
                raise HeygemError(ErrorCode.PROBE_LIMIT, name=name, limit_s=limits.probe_seconds)
    filled = {index: tally for index, tally in tallies.items() if tally.packets}
    for tally in filled.values():
        tally.check.finish()
    _require_whole(list(filled.values()), announced, name)
    return filled


def _count(tally: Tally, packet: "av.Packet[Any]") -> None:
    base = float(packet.time_base or 0)
    stamp = packet.pts if packet.pts is not None else packet.dts
    now = stamp * base if stamp is not None else tally.end
    lasting = float(packet.duration or 0) * base or _usual_duration(tally.stream)
    tally.packets += 1
    tally.hollow += packet.size >= len(_ZEROS) and memoryview(packet)[: len(_ZEROS)] == _ZEROS
    tally.start = now if tally.start is None else min(tally.start, now)
    tally.end = max(tally.end, now + lasting)
    tally.check.feed(packet, now - tally.start)


def _usual_duration(stream: VideoStream | AudioStream) -> float:
    return 1 / float(stream.average_rate or 25) if isinstance(stream, VideoStream) else 0.0


def _announced(media: OpenMedia) -> float | None:
    if media.format not in _ANNOUNCING or not media.container.duration:
        return None
    return media.container.duration / av.time_base


def _require_whole(tallies: list[Tally], announced: float | None, name: str) -> None:
    """Raise BROKEN_MEDIA for a file that is empty, ends long before its header says, or doesn't decode."""
    found = max((tally.seconds for tally in tallies), default=0.0)
    cut_off = announced is not None and found < announced * (1 - _MISSING_SHARE) - _MISSING_S
    if not tallies or cut_off or any(tally.broken for tally in tallies):
        raise HeygemError(ErrorCode.BROKEN_MEDIA, name=name)


def _video_info(stream: VideoStream, tally: Tally, still: bool) -> VideoInfo | None:
    if (first := tally.check.first) is None:
        return None
    width, height = upright_size(first, stream.sample_aspect_ratio)
    return VideoInfo(
        codec=codec_name(stream),
        width=width,
        height=height,
        rotation=turn_of(first).rotation,
        fps=round(tally.packets / tally.seconds, 3) if tally.seconds and not still else 0,
        frames=tally.packets,
        pixel_format=first.format.name,
    )


def _audio_info(stream: AudioStream) -> AudioInfo:
    return AudioInfo(codec=codec_name(stream), sample_rate=stream.sample_rate, channels=stream.channels)
