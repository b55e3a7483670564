"""What becomes of what a deed tells: its owner takes it along, others are not in it, it ends."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session
from sqlmodel import select

from app.actions.models import Action
from app.clock import Clock
from app.mail import Mail
from app.rewards.models import Evaluation, Programme
from app.rewards.replay import Replay
from app.rights import closing
from app.rights.export import export
from tests.support import carpool
from tests.support.city import City
