"""The root address: everyone is taken to the page that their work starts on."""

import streamlit as st

from app import navigation

st.switch_page(navigation.home_of(st.session_state["viewer"]))
