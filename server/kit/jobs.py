"""Background work. The jobs table is the truth; Celery only carries "there is work" to a worker.

A job is a row, written in the transaction that wants it. A worker takes the row, keeps a heartbeat while it works, and
marks it done. Whatever no worker holds any more is sent again by the reconciler: a broker may lose everything.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Set
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from celery import Celery
from sqlalchemy import Index, String, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from server.kit import clock
from server.kit.db import Base, after_commit, new_id, reading, touched, transaction
from server.kit.folder_broker import use_folder_broker
from server.kit.module import JobContext
from server.kit.registry import Registry
from server.kit.settings import Settings
from server.kit.tenancy import only

log = structlog.get_logger()
HEARTBEAT_S = 5
# A worker that has been silent this long is dead: its job is given to another.
SILENT_S = 30
BROKER_ANSWERS_WITHIN_S = 5.0
TASK = "linli.run_job"


class JobRow(Base):
    """One piece of work. ``key``: at most one row ever bears it.

    Heartbeats are wall time, ``run_after`` is the clock's.
    """

    __tablename__ = "kit_job"
    __table_args__ = (Index("ix_kit_job_waiting", "state", "run_after"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID | None] = mapped_column(index=True)
    name: Mapped[str] = mapped_column(String(80))
    queue: Mapped[str] = mapped_column(String(20))
    key: Mapped[str | None] = mapped_column(String(160), unique=True)
    payload: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(12), default="queued")
    attempts: Mapped[int] = mapped_column(default=0)
    run_after: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    heartbeat_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(String(200))


class JobEngine:
    """Runs the registry's jobs.

    ``send(job_id, queue)`` tells a worker; without one, ``run_pending`` does the work here.
    """

    def __init__(self, registry: Registry, send: Callable[[UUID, str], None] | None) -> None:
        self.registry = registry
        self.send = send

    def enqueue(
        self,
        session: Session,
        name: str,
        community_id: UUID | None,
        payload: dict[str, Any] | None = None,
        *,
        key: str | None = None,
        run_after: datetime | None = None,
    ) -> UUID:
        """Write the job in the session's transaction and return its id; with a known ``key`` the earlier job's id.

        Another process that writes the same key at the same moment wins or loses; the rest of the transaction stands.
        """
        known = _with_key(session, key)
        if known is not None:
            return known
        job = self.registry.jobs[name]
        row = JobRow(
            id=new_id(),
            community_id=community_id,
            name=name,
            queue=job.queue,
            key=key,
            payload=payload or {},
            run_after=run_after or clock.now(),
            sent_at=_wall(),
        )
        try:
            with session.begin_nested():
                session.add(row)
        except IntegrityError:
            known = _with_key(session, key)
            if known is None:
                raise
            return known
        if self.send is not None and run_after is None:
            send, job_id, queue = self.send, row.id, job.queue
            after_commit(session, lambda: send(job_id, queue))
        return row.id

    def waiting(self, session: Session, names: Set[str]) -> set[tuple[str, UUID | None]]:
        """Return which of the named jobs wait to be done, with their communities."""
        wanted = select(JobRow.name, JobRow.community_id).where(
            JobRow.state == "queued", JobRow.name.in_(names)
        )
        return {(name, community_id) for name, community_id in session.execute(wanted.distinct())}

    def run(self, job_id: UUID) -> bool:
        """Do one job if it still waits. Returns whether it was done; a failure is put off and logged."""
        row = self._take(job_id)
        if row is None:
            return False
        job = self.registry.jobs[row.name]
        try:
            with _Heartbeat(job_id), only(row.community_id):
                job.run(JobContext(job_id, row.community_id, row.attempts), row.payload)
        except Exception as error:
            log.exception("job.failed", job=row.name, attempt=row.attempts)
            self._put_off(job_id, row.attempts, job.max_attempts, error)
            return False
        with transaction() as session:
            done = session.get_one(JobRow, job_id)
            done.state, done.done_at, done.error = "done", clock.now(), None
        return True

    def run_pending(self, rounds: int = 20) -> int:
        """Do all jobs that wait, here and now; for tests and one-shot commands. Returns how many were done."""
        done = 0
        for _ in range(rounds):
            with reading() as session:
                waiting = session.scalars(
                    select(JobRow.id).where(JobRow.state == "queued", JobRow.run_after <= clock.now())
                ).all()
            if not waiting:
                break
            done += sum(self.run(job_id) for job_id in waiting)
        return done

    def reconcile(self) -> int:
        """Send again what waits and what a silent worker held; return how many jobs."""
        wall = _wall()
        with reading() as session:
            lost = select(JobRow.id).where(_is_silent(wall)).limit(1)
            if session.scalar(_waiting(wall).limit(1)) is None and session.scalar(lost) is None:
                return 0
        with transaction() as session:
            session.execute(update(JobRow).where(_is_silent(wall)).values(state="queued", sent_at=None))
            rows = session.scalars(_waiting(wall).limit(200)).all()
            for row in rows:
                row.sent_at = wall
            wanted = [(row.id, row.queue) for row in rows]
        for job_id, queue in wanted:
            if self.send is not None:
                self.send(job_id, queue)
        return len(wanted)

    def _take(self, job_id: UUID) -> JobRow | None:
        with transaction() as session:
            taken = session.execute(
                update(JobRow)
                .where(JobRow.id == job_id, JobRow.state == "queued")
                .values(state="running", heartbeat_at=_wall(), attempts=JobRow.attempts + 1)
            )
            return session.get(JobRow, job_id) if touched(taken) == 1 else None

    def _put_off(self, job_id: UUID, attempt: int, max_attempts: int, error: Exception) -> None:
        with transaction() as session:
            row = session.get_one(JobRow, job_id)
            row.error = type(error).__name__
            row.state = "failed" if attempt >= max_attempts else "queued"
            row.run_after = clock.now() + timedelta(seconds=min(600, 5 * 2**attempt))
            row.sent_at = None


def enqueue(
    session: Session,
    name: str,
    community_id: UUID | None,
    payload: dict[str, Any] | None = None,
    *,
    key: str | None = None,
    run_after: datetime | None = None,
) -> UUID:
    """Write a job with the process's engine. See JobEngine.enqueue."""
    return engine().enqueue(session, name, community_id, payload, key=key, run_after=run_after)


_engine: JobEngine | None = None


def use_engine(job_engine: JobEngine) -> None:
    """Make ``job_engine`` the process's engine."""
    global _engine
    _engine = job_engine


def engine() -> JobEngine:
    """Return the process's engine. Raises RuntimeError before there is one."""
    if _engine is None:
        raise RuntimeError("no job engine: create_app() sets it")
    return _engine


def make_celery(settings: Settings) -> Celery:
    """Return the Celery application: the file system as broker on one machine, RabbitMQ or Valkey in production."""
    use_folder_broker()
    celery = Celery("linli", broker=settings.broker_url)
    celery.conf.update(
        task_default_queue="small",
        task_ignore_result=True,
        # Early: whoever takes a message that comes again finds its row taken, and what a broker holds unacknowledged
        # is in the way of a worker that has to connect anew. The reconciler sends again what is lost.
        task_acks_late=False,
        worker_hijack_root_logger=False,
        worker_prefetch_multiplier=1,
        broker_connection_retry_on_startup=True,
        task_serializer="json",
        accept_content=["json"],
    )
    if settings.broker_url.startswith(("redis", "valkey")):
        # A request that enqueues does not wait for a broker that hangs: the reconciler sends again.
        celery.conf.broker_transport_options = {
            "socket_connect_timeout": BROKER_ANSWERS_WITHIN_S,
            "socket_timeout": BROKER_ANSWERS_WITHIN_S,
        }
    if settings.broker_url.startswith("filesystem"):
        folder = settings.home / "broker"
        folder.mkdir(exist_ok=True, mode=0o700)
        celery.conf.broker_transport_options = {
            "data_folder_in": str(folder),
            "data_folder_out": str(folder),
            "control_folder": str(folder / "control"),
            "polling_interval": 0.1,
        }
    return celery


def sender(celery: Celery) -> Callable[[UUID, str], None]:
    """Return the function that tells a worker. A broker that is away loses nothing: the reconciler sends again."""

    def send(job_id: UUID, queue: str) -> None:
        try:
            celery.send_task(TASK, args=[str(job_id)], queue=queue, retry=False)
        except Exception as error:
            log.warning("broker.away", error=type(error).__name__)

    return send


class _Heartbeat:
    """Keeps a running job's heartbeat while the block lasts."""

    def __init__(self, job_id: UUID) -> None:
        self._job_id = job_id
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()

    def _beat(self) -> None:
        while not self._over.wait(HEARTBEAT_S):
            with transaction() as session:
                session.execute(
                    update(JobRow)
                    .where(JobRow.id == self._job_id, JobRow.state == "running")
                    .values(heartbeat_at=_wall())
                )


def _with_key(session: Session, key: str | None) -> UUID | None:
    return None if key is None else session.scalar(select(JobRow.id).where(JobRow.key == key))


def _wall() -> datetime:
    # Heartbeats measure whether a process lives: real seconds, whatever a simulation's clock says.
    return datetime.now(UTC)


def _is_silent(wall: datetime) -> Any:
    return (JobRow.state == "running") & (JobRow.heartbeat_at < wall - timedelta(seconds=SILENT_S))


def _waiting(wall: datetime) -> Any:
    unsent = JobRow.sent_at.is_(None) | (JobRow.sent_at < wall - timedelta(seconds=SILENT_S))
    return select(JobRow).where(JobRow.state == "queued", JobRow.run_after <= clock.now(), unsent)
