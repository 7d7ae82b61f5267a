"""Services for the executors that look for theirs: a scripted server each."""

from __future__ import annotations

import pathlib
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from servers import gradio_page
from servers.ace_step import AceStepServer
from servers.comfyui import ComfyServer
from servers.language import LanguageServer
from servers.rvc_page import RvcPageServer
from servers.rvc_python import RvcServer
from servers.speech import SpeechServer
from servers.wan2gp import Wan2GPServer

#: By executor: what opens its server, which has a ``url``.
SERVERS: dict[str, Callable[[], AbstractContextManager[Any]]] = {
    "ace_step": AceStepServer,
    "applio": gradio_page.applio,
    "audioldm2": gradio_page.audioldm2,
    "comfyui": ComfyServer,
    "language": LanguageServer,
    "musicgen": gradio_page.musicgen,
    "openai_speech": SpeechServer,
    "rvc_page": RvcPageServer,
    "rvc_python": RvcServer,
    "stable_audio": gradio_page.stable_audio,
    "wan2gp": Wan2GPServer,
}
