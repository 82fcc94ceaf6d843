import logging.config

logging.config.dictConfig(
    {
        "version": 1,
        "formatters": {"short": {"format": "%(levelname)s %(message)s"}},
        "handlers": {
            "file": {"class": "logging.FileHandler", "filename": "run.log", "formatter": "short"},
            "screen": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout"},
        },
        "root": {"level": "DEBUG", "handlers": ["file", "screen"]},
    }
)
logging.debug("once")
logging.getLogger("x").error("twice", exc_info=ValueError("no traceback"))
