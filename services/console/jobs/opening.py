"""Opens the job that looks for faults: whom it asks, and how ops are told."""

from libs.postgres.pool import Pool
from libs.runtime.clock import Clock
from services.console.clients.dead_letters import KafkaLetters
from services.console.clients.mail import MailRelay, OpsMail
from services.console.clients.services import OtherServices
from services.console.handlers.faults import Faults, Mail
from services.console.jobs.faults import FaultsJob, Log
from services.console.settings import ConsoleSettings


def faults_job(settings: ConsoleSettings, pool: Pool, clock: Clock, others: OtherServices) -> FaultsJob:
    """The job as the settings say; without an address of ops what is wrong stands in log, metrics and pages alone."""
    letters = KafkaLetters(settings.kafka, settings.topic_prefix)
    faults = Faults(pool, clock, others.processes, others.notifier, letters)
    return FaultsJob(pool, faults, _mail(settings, clock), settings.public_url)


def _mail(settings: ConsoleSettings, clock: Clock) -> Mail:
    if not settings.ops_mail or settings.mail_from is None:
        return Log()
    relay = MailRelay(
        settings.smtp_host,
        settings.smtp_port,
        starttls=settings.smtp_starttls,
        username=settings.smtp_username,
        password=settings.smtp_password,
    )
    return OpsMail(relay, settings.mail_from, settings.ops_mail, clock)
