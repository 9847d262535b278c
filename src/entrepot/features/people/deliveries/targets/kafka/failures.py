"""What went wrong with a Kafka cluster, in our words: theirs may quote what was sent in confidence."""

from __future__ import annotations

import ssl

from aiokafka import errors

from entrepot.domain.deliveries.bootstrap_servers import BootstrapServersError
from entrepot.domain.deliveries.connection_strings import ConnectionStringError
from entrepot.features.people.deliveries.targets.outcomes import failed, refused
from entrepot.features.people.outgoing.answers import Answer
from entrepot.features.people.outgoing.bulkheads import RefusedCallError

LASTING: dict[type[errors.KafkaError], str] = {
    errors.UnknownTopicOrPartitionError: "The topic is unknown.",
    errors.InvalidTopicError: "The topic's name is not allowed.",
    errors.TopicAuthorizationFailedError: "The credentials do not allow to write to the topic.",
    errors.ClusterAuthorizationFailedError: "The credentials do not allow to write to the cluster.",
    errors.SaslAuthenticationFailed: "The credentials are refused.",
    errors.AuthenticationFailedError: "The credentials are refused.",
    errors.UnsupportedSaslMechanismError: "The cluster takes none of PLAIN, SCRAM-SHA-512 and SCRAM-SHA-256.",
    errors.MessageSizeTooLargeError: "The message is larger than the cluster takes.",
    errors.RecordListTooLargeError: "The message is larger than the cluster takes.",
    errors.PolicyViolationError: "A policy of the cluster forbids the message.",
    errors.IncompatibleBrokerVersion: "The cluster is of a version that is not supported.",
    errors.UnsupportedVersionError: "The cluster is of a version that is not supported.",
}


def answer_of(error: Exception) -> Answer:
    """What a failure is worth."""
    if isinstance(error, BootstrapServersError | ConnectionStringError):
        return refused(str(error))
    if isinstance(error, RefusedCallError):
        return failed(str(error))
    if isinstance(error, ssl.SSLCertVerificationError):
        return refused("The server's certificate is not trusted.")
    if isinstance(error, TimeoutError):
        return failed("The cluster did not answer in time.")
    for kind, text in LASTING.items():
        if isinstance(error, kind):
            return refused(text)
    if isinstance(error, errors.BrokerResponseError):
        return failed(f"The cluster cannot take it at present: {type(error).__name__}.")
    return failed("The cluster cannot be reached, or the connection broke.")
